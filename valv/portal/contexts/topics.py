"""What agents may register, as it is typed and as it is used."""

from dataclasses import dataclass
from datetime import datetime

from valv.portal.contexts import Choice


@dataclass(frozen=True, slots=True)
class TypedCategory:
    """One category as it stands in the form: its name, and a topic on each line."""

    name: str
    topics: str


@dataclass(frozen=True, slots=True)
class TopicsPage:
    """The list as typed; ``undefined`` is what was registered and is not in it."""

    categories: tuple[TypedCategory, ...]
    refuse_undefined: bool
    undefined: tuple[Choice, ...] = ()
    changed_at: datetime | None = None
    changed_by: str = ""
    fault: str = ""
