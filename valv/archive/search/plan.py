"""How to look for what a request asks: which index to walk, and what to test.

Everything that is known of people is resolved to numbers first, so that no statement
carries a value of anybody. What cannot be resolved to a bounded set, a fragment that
fits thousands and what stands sealed in the text, becomes a *test* of rows in memory.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain

from valv.archive.flags import Flag
from valv.archive.people import People
from valv.archive.reach import agents_in, queues_in, within
from valv.archive.search import words
from valv.archive.search.known import Known
from valv.archive.sessions import stored_outcome, stored_session_id, stored_word
from valv.core.identifiers import Fragment, Kind, Match, Pattern
from valv.core.reach import EVERYWHERE, Reach
from valv.core.search import SearchRequest
from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant

MOST_DRIVING = 8

Fragments = tuple[Fragment, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """A piece of a WHERE about the interaction ``i``."""

    sql: str
    parameters: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class Someone:
    """Those a pattern means: some ids, or all that fit it when ``capped``."""

    kind: Kind
    ids: frozenset[int]
    pattern: Pattern
    capped: bool = False


@dataclass(slots=True)
class Plan:
    """What to walk and what to test.

    At most one of ``someone``, ``agents``, ``topics`` and ``ids`` leads; with none of
    them it is time that does. ``people_tests`` and ``subject`` are tested in memory.
    """

    conditions: list[Condition] = field(default_factory=list)
    queue_id: int | None = None
    someone: Someone | None = None
    agents: list[int] = field(default_factory=list)
    topics: list[int] = field(default_factory=list)
    ids: list[int] | None = None
    people_tests: list[Someone] = field(default_factory=list)
    subject: tuple[Fragment, ...] = ()
    finds_nothing: bool = False
    keys_first: bool = False

    @property
    def is_led(self) -> bool:
        """Whether something other than time leads already."""
        return bool(
            self.someone is not None
            or self.ids is not None
            or self.agents
            or self.topics
        )

    @property
    def is_tested(self) -> bool:
        return bool(self.people_tests or self.subject)

    def require(self, sql: str, parameters: Sequence[object] = ()) -> None:
        self.conditions.append(Condition(sql, tuple(parameters)))


def plan_of(
    tenant: Tenant,
    request: SearchRequest,
    *,
    known: Known,
    people: People,
    reach: Reach = EVERYWHERE,
) -> Plan:
    """Resolve a request. Inside a scope, in whose snapshot ``known`` was read."""
    plan = Plan()
    request = _as_stored(tenant, request)
    _add_plain(plan, request)
    _add_flags(plan, request)
    _add_queues(plan, request)
    _add_sessions(plan, request)
    _add_people(plan, request, known=known, people=people)
    _add_agents(plan, request)
    _add_topics(plan, request)
    _add_reach(plan, reach if known.restricts else replace(reach, in_use=False))
    plan.subject = request.subject
    if request.subject:
        plan.require("i.text IS NOT NULL")
    return plan


def _as_stored(tenant: Tenant, request: SearchRequest) -> SearchRequest:
    """Exact words also as they are stored if they lead to somebody."""
    if not (request.queue or request.agent or request.outcome or request.session):
        return request

    def also(store: Callable[[Tenant, str], str], asked: Fragments) -> Fragments:
        stored = (
            Fragment(one.match, store(tenant, one.text))
            for one in asked
            if one.match is Match.EXACT
        )
        return tuple(dict.fromkeys((*asked, *stored)))

    return replace(
        request,
        queue=also(stored_word, request.queue),
        agent=also(stored_word, request.agent),
        outcome=also(stored_outcome, request.outcome),
        session=also(stored_session_id, request.session),
    )


def _add_plain(plan: Plan, request: SearchRequest) -> None:
    _add_words(plan, "i.media", [media.number for media in request.media])
    _add_words(plan, "i.direction", [way.number for way in request.direction])
    if request.outcome:
        tests = [_text_test("i.outcome", fragment) for fragment in request.outcome]
        _add_any(plan, tests)


def _add_words(plan: Plan, column: str, numbers: list[int]) -> None:
    if len(numbers) == 1:
        plan.require(f"{column} = %s", numbers)
    elif numbers:
        plan.require(f"{column} IN ({', '.join(map(str, numbers))})")


def _add_flags(plan: Plan, request: SearchRequest) -> None:
    asked = (
        (request.has_recording, Flag.RECORDING),
        (request.has_chat_log, Flag.CHAT_LOG),
        (request.has_survey, Flag.SURVEY),
    )
    for wanted, flag in asked:
        if wanted is not None:
            plan.require(f"(i.flags & {flag.value}) {'<>' if wanted else '='} 0")
    if request.score_min is not None:
        plan.require("i.score >= %s", [request.score_min])
    if request.score_max is not None:
        plan.require("i.score <= %s", [request.score_max])
    # These stand in the index of time, so reading the rows can wait for the hits.
    plan.keys_first = any(wanted is not None for wanted, _ in asked) or not (
        request.score_min is None and request.score_max is None
    )


def _add_queues(plan: Plan, request: SearchRequest) -> None:
    if not request.queue:
        return
    ids = words.queues(request.queue)
    plan.finds_nothing |= not ids
    if len(ids) == 1:
        plan.queue_id = ids[0]
        plan.require("i.queue_id = %s", ids)
    else:
        plan.require(*one_of("i.queue_id", ids))


def _add_sessions(plan: Plan, request: SearchRequest) -> None:
    if not request.session:
        return
    if all(fragment.match is Match.EXACT for fragment in request.session):
        plan.ids = _sessions(request.session)
        plan.finds_nothing |= not plan.ids
    else:
        tests = [_exact_test("i.session_id", one) for one in request.session]
        _add_any(plan, tests)


def _sessions(fragments: Iterable[Fragment]) -> list[int]:
    texts = {fragment.text for fragment in fragments}
    marks = ", ".join(["%s"] * len(texts))
    found = rows(
        "SELECT interaction_id FROM session"  # noqa: S608
        f" WHERE tenant_id = %s AND session_id IN ({marks})",
        [scope.current(), *sorted(texts)],
    )
    return sorted(id_ for (id_,) in found)


def _add_any(plan: Plan, tests: Sequence[Condition]) -> None:
    sql = " OR ".join(test.sql for test in tests)
    plan.require(f"({sql})", list(chain.from_iterable(t.parameters for t in tests)))


def _text_test(column: str, fragment: Fragment) -> Condition:
    """A source's own word, such as an outcome: in the cases it is written in."""
    text = fragment.text
    cases = dict.fromkeys((text, text.lower(), text.upper(), text.capitalize()))
    if fragment.match is Match.EXACT:
        marks = ", ".join(["%s"] * 4)
        padded = [*cases, *[text] * (4 - len(cases))]
        return Condition(f"{column} IN ({marks})", tuple(padded))
    return _exact_test(f"lower({column})", Fragment(fragment.match, text.lower()))


def _exact_test(column: str, fragment: Fragment) -> Condition:
    """A fragment of a column, case counting, in words that both databases know."""
    text, long = fragment.text, len(fragment.text)
    match fragment.match:
        case Match.EXACT:
            return Condition(f"{column} = %s", (text,))
        case Match.PREFIX:
            return Condition(f"substr({column}, 1, {long}) = %s", (text,))
        case Match.SUFFIX:
            start = f"length({column}) - {long - 1}"
            return Condition(
                f"(length({column}) >= {long} AND substr({column}, {start}) = %s)",
                (text,),
            )
        case Match.CONTAINS:
            return Condition(f"replace({column}, %s, '') <> {column}", (text,))


def _add_people(
    plan: Plan, request: SearchRequest, *, known: Known, people: People
) -> None:
    meant = []
    for pattern in request.patterns:
        if _is_anybody(pattern):
            plan.require(*involves_anybody(pattern.kind))
        else:
            meant.append(_someone(pattern, known=known, people=people))
    for someone in sorted(meant, key=lambda one: (one.capped, len(one.ids))):
        _add_someone(plan, someone)


def _is_anybody(pattern: Pattern) -> bool:
    return Fragment(Match.CONTAINS, "") in pattern.alternatives


def involves_anybody(kind: Kind) -> tuple[str, tuple[int]]:
    """That an interaction has someone of this kind, first or further on."""
    sql = (
        f"(i.{kind.value}_id IS NOT NULL OR (i.has_others AND EXISTS ("  # noqa: S608
        "SELECT 1 FROM other_party o JOIN identifier d ON d.id = o.identifier_id"
        " AND d.tenant_id = o.tenant_id WHERE o.tenant_id = i.tenant_id"
        " AND o.interaction_id = i.id AND d.kind = %s)))"
    )
    return sql, (kind.number,)


def _someone(pattern: Pattern, *, known: Known, people: People) -> Someone:
    if pattern.is_exact:
        ids = known.ids_of(pattern)
        return Someone(pattern.kind, ids, pattern)
    fitting = people.fitting(pattern)
    return Someone(pattern.kind, fitting.ids, pattern, fitting.capped)


def _add_someone(plan: Plan, someone: Someone) -> None:
    """The fewest lead; the next are tested by the database, too many in memory."""
    if someone.capped:
        plan.people_tests.append(someone)
    elif someone.pattern.withheld:
        condition = involves(someone)
        plan.require(f"(i.withheld OR {condition.sql})", condition.parameters)
    elif not someone.ids:
        plan.finds_nothing = True
    elif plan.someone is None and plan.ids is None:
        plan.someone = someone
    else:
        condition = involves(someone)
        plan.require(condition.sql, condition.parameters)


def involves(someone: Someone) -> Condition:
    """That an interaction has one of these people, first or further on."""
    own, own_ids = one_of(f"i.{someone.kind.value}_id", someone.ids)
    other, other_ids = one_of("o.identifier_id", someone.ids)
    return Condition(
        f"({own} OR EXISTS (SELECT 1 FROM other_party o WHERE i.has_others"  # noqa: S608
        " AND o.tenant_id = i.tenant_id AND o.interaction_id = i.id"
        f" AND {other}))",
        (*own_ids, *other_ids),
    )


def _add_agents(plan: Plan, request: SearchRequest) -> None:
    if not request.agent:
        return
    ids = words.agents(request.agent)
    plan.finds_nothing |= not ids
    if plan.is_led or len(ids) > MOST_DRIVING:
        plan.require(*_has_one_of("participation", "agent_id", ids))
    else:
        plan.agents = ids


def _add_topics(plan: Plan, request: SearchRequest) -> None:
    if not (request.category or request.topic):
        return
    ids = words.topics(request.category, request.topic)
    plan.finds_nothing |= not ids
    if plan.is_led or len(ids) > MOST_DRIVING:
        plan.require(*_has_one_of("registration", "topic_id", ids))
    else:
        plan.topics = ids


def _add_reach(plan: Plan, reach: Reach) -> None:
    """What somebody sees at all; a few agents or one queue lead where nothing does."""
    condition = within(reach)
    if condition is not None:
        plan.require(*condition)
    if reach.agents is not None and not plan.is_led:
        ids = agents_in(reach.agents)
        plan.finds_nothing |= not ids
        plan.agents = ids if len(ids) <= MOST_DRIVING else []
    if reach.queues is not None and plan.queue_id is None:
        ids = queues_in(reach.queues)
        plan.finds_nothing |= not ids
        if len(ids) == 1:
            plan.queue_id = ids[0]
            plan.require("i.queue_id = %s", ids)


def _has_one_of(
    table: str, column: str, ids: Sequence[int]
) -> tuple[str, list[object]]:
    """That an interaction has a child which refers to one of these."""
    condition, listed = one_of(f"c.{column}", ids)
    sql = (
        f"EXISTS (SELECT 1 FROM {table} c WHERE c.tenant_id = i.tenant_id"  # noqa: S608
        f" AND c.interaction_id = i.id AND {condition})"
    )
    return sql, listed
