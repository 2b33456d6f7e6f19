"""Slows down whoever guesses, in all processes at once, and locks nobody out.

A try is counted before it is looked at, so that many at once are as many, and taken
back when it went well. Passwords are counted by address typed together with where from,
and by where from alone: someone who guesses from elsewhere does not slow down the
person whose address it is. Codes are counted by whose they are, which nobody reaches
without the password. What is kept is keyed hashes; nobody can be read from them.
"""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from valv.core.networks import place
from valv.core.slowdown import FORGOTTEN_AFTER, Patience
from valv.storage import scope
from valv.tenants.signin_models import Tries

OF_A_PAIR = Patience(free=5, longest=30)
OF_A_PLACE = Patience(free=30, longest=5)
OF_CODES = Patience(free=5, longest=60)
CLEARED_AFTER = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Count:
    """What is counted together, and how patiently."""

    key: str
    about: str
    patience: Patience


def of_password(address: str, network: str) -> tuple[Count, Count]:
    """The pair, and the place alone."""
    where, about = place(network), _hash("address", address)
    return (
        Count(_hash("pair", address, where), about, OF_A_PAIR),
        Count(_hash("place", where), _hash("place", where), OF_A_PLACE),
    )


def of_place(network: str) -> tuple[Count]:
    """For what names nobody before it went well, such as a passkey."""
    return (of_password("", network)[1],)


def of_codes(address: str) -> tuple[Count]:
    about = _hash("address", address)
    return (Count(_hash("codes", address), about, OF_CODES),)


def _hash(*parts: str) -> str:
    text = "\0".join(parts)
    return hmac.digest(settings.SECRET_KEY.encode(), text.encode(), "sha256").hex()


def wait_or_take(counts: Sequence[Count], *, now: datetime) -> float:
    """Count one try of each; or answer how many seconds to wait first, and count none.

    Durable when it is answered, so no other process reads one try too many.
    """
    with scope.at_the_gate(writes=True):
        held = {one.key: one for one in _held(counts)}
        left = max(_left(held.get(one.key), one, now) for one in counts)
        if left > 0:
            return left
        for one in counts:
            _count(held.get(one.key), one, now)
        Tries.objects.filter(last_at__lt=now - CLEARED_AFTER).delete()
    return 0.0


def _held(counts: Sequence[Count]) -> list[Tries]:
    keys = [one.key for one in counts]
    return list(Tries.objects.select_for_update().filter(key__in=keys).order_by("key"))


def _left(row: Tries | None, count: Count, now: datetime) -> float:
    if row is None:
        return 0.0
    return count.patience.seconds_left(row.failures, row.last_at, now=now)


def _count(row: Tries | None, count: Count, now: datetime) -> None:
    failures = 1 if row is None or _is_forgotten(row, now) else row.failures + 1
    Tries.objects.update_or_create(
        key=count.key,
        defaults={"about": count.about, "failures": failures, "last_at": now},
    )


def _is_forgotten(row: Tries, now: datetime) -> bool:
    return bool(now - row.last_at > FORGOTTEN_AFTER)


def take_back(counts: Sequence[Count]) -> None:
    """It went well: the first count is forgotten, the others are one less."""
    first, *others = counts
    with scope.at_the_gate(writes=True):
        Tries.objects.filter(key=first.key).delete()
        lessen(others)


def lessen(counts: Sequence[Count]) -> None:
    """One that went well is not counted, and forgives none of the others."""
    with scope.at_the_gate(writes=True):
        for one in counts:
            row = Tries.objects.select_for_update().filter(key=one.key).first()
            if row is not None and row.failures > 0:
                Tries.objects.filter(key=one.key).update(failures=row.failures - 1)


def forget(address: str) -> int:
    """Forget what was tried for an address, from wherever; answers how many counts."""
    with scope.at_the_gate(writes=True):
        return Tries.objects.filter(about=_hash("address", address)).delete()[0]
