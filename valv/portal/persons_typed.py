"""Whom a form is about: numbers, addresses and handles, one on each line."""

from collections.abc import Mapping
from typing import Protocol

from valv.core.identifiers import Kind
from valv.portal.typed import typed

BY = (Kind.PHONE, Kind.EMAIL, Kind.HANDLE)
LONGEST = 10_000


class Persons(Protocol):
    """What was typed, by kind."""

    @property
    def phone(self) -> str: ...
    @property
    def email(self) -> str: ...
    @property
    def handle(self) -> str: ...


def persons_typed(given: Mapping[str, str]) -> tuple[str, str, str]:
    """What was typed, by kind: phone, email, handle."""
    phone, email, handle = (typed(given, one.value, longest=LONGEST) for one in BY)
    return phone, email, handle


def persons_in(given: Persons) -> tuple[tuple[Kind, str], ...]:
    """Each line that is not empty, with its kind."""
    texts = zip(BY, (given.phone, given.email, given.handle), strict=True)
    lines = ((kind, line.strip()) for kind, text in texts for line in text.splitlines())
    return tuple((kind, line) for kind, line in lines if line)
