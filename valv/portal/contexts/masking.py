"""What is masked, as it is typed, and what a try of it showed."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class TypedPattern:
    """One pattern as it stands in the form; a fault says what is wrong with it."""

    name: str
    pattern: str
    fault: str = ""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the text that was tried; ``mark`` is what it becomes, if anything."""

    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class MaskingPage:
    """The rules as typed; ``kinds`` are (code, on).

    ``tried`` is the text in pieces once a try is asked for, ``kept`` how it would be
    stored. ``version`` is the one that is being changed.
    """

    version: int
    kinds: tuple[tuple[str, bool], ...]
    patterns: tuple[TypedPattern, ...]
    menus: str
    variables: str
    text: str = ""
    tried: tuple[Piece, ...] | None = None
    kept: str = ""
    fault: str = ""
    menus_fault: str = ""
    variables_fault: str = ""
    changed_at: datetime | None = None
    changed_by: str = ""
