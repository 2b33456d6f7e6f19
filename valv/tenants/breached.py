"""Passwords that are known to be breached, by a file one keeps; no network is asked.

The file is that of the k-anonymity download: lines ``SHA1:COUNT``, in order of the
hashes. Or it is a folder of its ranges: a file ``ABCDE.txt`` for each first five
digits, with the other 35 in its lines. Off unless ``VALV_BREACHED_PASSWORDS`` names
one.
"""

import hashlib
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

HASH = 40
PREFIX = 5
LONGEST_LINE = 64


class BreachedPasswordValidator:
    """Django's validator. Raises ValidationError for a password in the file."""

    def validate(self, password: str, user: object = None) -> None:
        if is_breached(password, Path(settings.VALV_BREACHED_PASSWORDS)):
            raise ValidationError(_("This password is known from a breach."))

    def get_help_text(self) -> str:
        return _("It must not be known from a breach.")


def is_breached(password: str, known: Path) -> bool:
    """Raises OSError where the file cannot be read."""
    digest = hashlib.sha1(password.encode(), usedforsecurity=False).hexdigest().upper()
    if known.is_dir():
        return _in_range(known / f"{digest[:PREFIX]}.txt", digest[PREFIX:])
    return _in_file(known, digest)


def _in_range(path: Path, rest: str) -> bool:
    with path.open(encoding="ascii") as lines:
        return any(line.partition(":")[0].strip().upper() == rest for line in lines)


def _in_file(path: Path, digest: str) -> bool:
    """By halving: some thirty reads in a file of 40 GB."""
    wanted = digest.encode()
    with path.open("rb") as file:
        low, high = 0, file.seek(0, 2)
        while high - low > LONGEST_LINE:
            middle = (low + high) // 2
            file.seek(middle)
            file.readline()
            if file.readline(LONGEST_LINE)[:HASH].upper() <= wanted:
                low = middle
            else:
                high = middle
        file.seek(low)
        near = file.read(4 * LONGEST_LINE).upper()
    return any(line[:HASH] == wanted for line in near.split(b"\n"))
