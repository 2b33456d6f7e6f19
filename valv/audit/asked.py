"""What is asked of the audit log, read from whatever named the parameters.

The HTTP query, the command line and the page's form name them alike. One parameter
given several times means *or*, different ones mean *and*; a ``*`` may stand first
and/or last in texts. Refuses values without meaning (Malformed).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from zoneinfo import ZoneInfo

from valv.audit.actions import Action
from valv.audit.queries import Key, LogFilter
from valv.core.errors import Malformed
from valv.core.identifiers import Fragment, Kind, Match, Pattern, match_of, read_pattern
from valv.core.interaction import ContentKind
from valv.core.moments import parse_from, parse_to
from valv.core.people import ActorType
from valv.core.phones import squeezed

MOST_VALUES, LONGEST = 100, 200
CONTENTS = tuple(kind.value for kind in ContentKind)
PEOPLE = tuple(kind.value for kind in Kind)
CHOSEN: Mapping[str, Sequence[str]] = {
    "action": tuple(one.value for one in Action),
    "actor_type": tuple(one.value for one in ActorType),
    "content": CONTENTS,
}
WRITTEN = ("actor", "reason")
PERIOD = ("from", "to")
PARAMETERS = (*CHOSEN, *PEOPLE, *WRITTEN, *PERIOD)


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter, and the people whom it is about; ``by`` names what was used."""

    wanted: LogFilter
    people: tuple[Pattern, ...] = ()
    by: tuple[str, ...] = ()

    @classmethod
    def nothing(cls) -> "Asked":
        """What finds no entry."""
        return cls(LogFilter(interaction_ids=frozenset()))

    def of(self, interaction_id: int) -> "Asked":
        """The same, of one interaction alone."""
        wanted = replace(self.wanted, interaction_ids=frozenset({interaction_id}))
        return replace(self, wanted=wanted, by=(*self.by, "interaction"))


def read_asked(
    parameters: Iterable[tuple[str, str]], *, zone: ZoneInfo, region: str
) -> Asked:
    """Read what is asked; what is empty or not of the log's parameters is left out."""
    values: dict[str, list[str]] = {}
    for name, value in parameters:
        if name in PARAMETERS and value:
            values.setdefault(name, []).append(value)
    for name, given in values.items():
        if len(given) > MOST_VALUES:
            raise Malformed(f"At most {MOST_VALUES} values each.", field=name)
    wanted = LogFilter(
        actions=_words(values, "action"),
        contents=_words(values, "content"),
        actor_types=_words(values, "actor_type"),
        actor=_fragments(values, "actor"),
        reason=_fragments(values, "reason"),
        since=_moment(values, "from", zone),
        until=_moment(values, "to", zone),
    )
    return Asked(wanted, _people(values, region), tuple(sorted(values)))


def read_changes_asked(
    parameters: Iterable[tuple[str, str]], *, zone: ZoneInfo
) -> Asked:
    """What is asked of changes of settings: ``setting``, ``actor`` and a period."""
    given = list(parameters)
    aside = [(name, text) for name, text in given if name in ("actor", *PERIOD)]
    asked = read_asked([("action", Action.SETTING), *aside], zone=zone, region="")
    settings = tuple(text for name, text in given if name == "setting" and text)
    return replace(asked, wanted=replace(asked.wanted, contents=settings))


def _words(values: Mapping[str, list[str]], name: str) -> tuple[str, ...]:
    given = values.get(name, [])
    if not set(given) <= set(CHOSEN[name]):
        raise Malformed("It has no such value.", field=name)
    return tuple(dict.fromkeys(given))


def _fragments(values: Mapping[str, list[str]], name: str) -> tuple[Fragment, ...]:
    return tuple(_fragment(text, name) for text in values.get(name, []))


def _fragment(text: str, name: str) -> Fragment:
    if len(text) > LONGEST:
        raise Malformed(f"It has at most {LONGEST} characters.", field=name)
    text = squeezed(text)
    match = match_of(text)
    bare = text if match is Match.EXACT else text.strip("*").strip()
    return Fragment(match if bare else Match.CONTAINS, bare)


def _people(values: Mapping[str, list[str]], region: str) -> tuple[Pattern, ...]:
    """Whom it is about; anybody at all, as a lone * says, asks nothing."""
    asked = [_pattern(values[kind], kind, region) for kind in Kind if kind in values]
    anybody = Fragment(Match.CONTAINS, "")
    return tuple(one for one in asked if anybody not in one.alternatives)


def _pattern(texts: Iterable[str], kind: Kind, region: str) -> Pattern:
    try:
        asked = [read_pattern(text, kind=kind, region=region) for text in texts]
    except Malformed as error:
        raise Malformed(error.detail, field=kind.value) from None
    return Pattern(kind, tuple(a for one in asked for a in one.alternatives))


def _moment(
    values: Mapping[str, list[str]], name: str, zone: ZoneInfo
) -> datetime | None:
    given = values.get(name, [])
    if len(given) > 1:
        raise Malformed("It can be given only once.", field=name)
    parse = parse_from if name == "from" else parse_to
    return parse(given[0], zone=zone, field=name) if given else None


def cursor_of(key: Key) -> str:
    return f"{key[0]}.{key[1]}"


def key_from(cursor: str) -> Key:
    """Where a page begins. Raises Malformed for what is no cursor of the log."""
    at, _, id_ = cursor.partition(".")
    digits = at + id_
    if not (at and id_ and digits.isascii() and digits.isdecimal()):
        raise Malformed("The cursor is not of this list.", field="cursor")
    if len(at) > 14 or len(id_) > 18:
        raise Malformed("The cursor is not of this list.", field="cursor")
    return int(at), int(id_)
