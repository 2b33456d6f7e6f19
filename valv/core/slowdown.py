"""How long whoever guesses has to wait: twice as long each time, up to a limit."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGOTTEN_AFTER = timedelta(minutes=15)
MOST_DOUBLINGS = 30


@dataclass(frozen=True, slots=True)
class Patience:
    """How many failures are free, and how long one waits at most, in seconds."""

    free: int
    longest: float

    def wait_after(self, failures: int) -> float:
        over = min(failures - self.free, MOST_DOUBLINGS)
        return 0.0 if over < 0 else min(self.longest, 2.0**over)

    def seconds_left(self, failures: int, last: datetime, *, now: datetime) -> float:
        """From now until the next try is read; 0 if it is read now."""
        if now - last > FORGOTTEN_AFTER:
            return 0.0
        end = last + timedelta(seconds=self.wait_after(failures))
        return max(0.0, (end - now).total_seconds())
