"""What a setting was, and what it is now, as the change log tells it.

Values are plain: words, numbers, yes or no, and lists of them. Whoever tells a change
leaves out what is secret or leads to somebody, and tells how many there are instead.
"""

from collections.abc import Mapping
from typing import Any, TypedDict

Change = TypedDict("Change", {"what": str, "from": Any, "to": Any})
MOST = 100


def changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """Each value that differs, in the order of ``after``; None is not set.

    Of more than a hundred the first are told.
    """
    names = [*after, *(name for name in before if name not in after)]
    found = [
        Change(**{"what": name, "from": before.get(name), "to": after.get(name)})
        for name in names
        if before.get(name) != after.get(name)
    ]
    return found[:MOST]


def setting(
    name: str, before: Mapping[str, Any], after: Mapping[str, Any]
) -> dict[str, Any]:
    """The details of an entry that says a setting was changed, or set for once."""
    return {"setting": name, "changes": changes(before, after)}
