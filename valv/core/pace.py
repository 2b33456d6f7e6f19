"""How often somebody may ask: a bucket that fills steadily and is emptied by asking."""

from dataclasses import dataclass

BURST_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Bucket:
    """What is left of somebody's requests, at a time in seconds of any clock."""

    left: float
    at: float


def full(per_second: int, *, at: float) -> Bucket:
    """Whoever has not asked for a while may ask this often at once."""
    return Bucket(float(per_second * BURST_SECONDS), at)


def asked(bucket: Bucket, per_second: int, *, at: float) -> tuple[Bucket, float]:
    """One request more; and how many seconds too early it is, 0 if it may be.

    What comes too early takes nothing: who waits as long as is said gets through.
    """
    filled = bucket.left + max(0.0, at - bucket.at) * per_second
    left = min(filled, float(per_second * BURST_SECONDS))
    if left < 1:
        return Bucket(left, at), (1 - left) / per_second
    return Bucket(left - 1, at), 0.0
