"""What the recording rules say of one recording that comes, waits or is there.

The facts are read off the interaction's events; where none tells of the call, the
general information says which queue and agents it had. A recording is judged for good
by the version of the rules under which it was first told of: rules that are changed
later neither take it away nor bring it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from valv.archive import contents
from valv.archive.models import Agent, Content, Interaction, Queue
from valv.core.errors import Refused
from valv.core.events import Event
from valv.core.interaction import ContentKind, Direction, General
from valv.core.legs import RecordingRef, facts_of
from valv.core.recording import Decision, Facts, decide
from valv.core.recording_policy import policy_from
from valv.core.recording_table import REASONS, Keep
from valv.intake.stated import Stated
from valv.intake.told import events_of
from valv.tenants.queries import PolicyVersion, recording_policy


@dataclass(slots=True)
class Rules:
    """The versions of a tenant's recording rules, each read once in a scope."""

    read: dict[int | None, PolicyVersion] = field(default_factory=dict)

    def of(self, version: int | None = None) -> PolicyVersion:
        """Those of a version; None is whatever is in force."""
        if version not in self.read:
            self.read[version] = recording_policy(version)
        return self.read[version]


@dataclass(frozen=True, slots=True)
class Account:
    """What a source says of a call outright, where its events do not."""

    queue: str | None = None
    agents: tuple[str, ...] = ()
    direction: Direction | None = None
    ended_at: datetime | None = None

    def and_then(self, general: General) -> "Account":
        """With what comes along in the same breath."""
        agents = tuple(ref.id for ref in general.agent_refs)
        return Account(
            general.queue or self.queue,
            agents or self.agents,
            general.direction or self.direction,
            general.ended_at or self.ended_at,
        )

    def fill_in(self, facts: Facts) -> Facts:
        one = facts.agent or (self.agents[0] if self.agents else None)
        return replace(
            facts,
            queue=facts.queue or self.queue,
            agent=one,
            initiator=facts.initiator or one,
            direction=facts.direction or self.direction,
            over=facts.over or self.ended_at is not None,
        )


@dataclass(frozen=True, slots=True)
class Ruling:
    """A decision, and the version of the rules it was made by."""

    decision: Decision
    version: int

    def refuse(self) -> None:
        """Raises Refused, naming the rule, if the answer is no."""
        if self.decision.keep is Keep.NO:
            raise refusal_by(self.decision.rule)


def refusal_by(rule: str) -> Refused:
    return Refused(rule, REASONS[rule])


def judge(
    tenant_id: int,
    row: Interaction,
    kind: ContentKind,
    ref: RecordingRef,
    *,
    general: General | None = None,
) -> Ruling | None:
    """Judge a recording or its transcript at the door; a chat log has other rules.

    ``row`` may be one that is only imagined, and ``general`` is what comes along with
    it. Raises Refused if the answer is no. Inside a scope.
    """
    if kind is ContentKind.CHAT_LOG:
        return None
    known = contents.row_of(row.id, ContentKind.RECORDING, ref.n) if row.id else None
    laid = recording_policy(None if known is None else known.policy_version)
    ruled = Ruling(decide(laid.policy, Facts()), laid.version)
    if not laid.policy.is_empty():
        events = events_of(tenant_id, row) if row.id else []
        account = account_of(row, is_told=bool(events))
        account = account if general is None else account.and_then(general)
        ruled = ruling(laid, row, account, events, _ref(ref, known))
    ruled.refuse()
    return ruled


def ruling(
    laid: PolicyVersion,
    row: Interaction,
    account: Account,
    events: Iterable[Event],
    ref: RecordingRef,
    *,
    is_in: bool = False,
) -> Ruling:
    """Judge one recording of an interaction by all of its events that are held.

    ``is_in`` is for what was let in already: only what the call itself answers can
    still take it away, and not that no rule allowed it.
    """
    policy = laid.policy
    if is_in:
        policy = policy_from({"refuse_unruled": False}, current=policy)
    facts = account.fill_in(facts_of(events, ref))
    facts = replace(facts, denied=facts.denied or row.deny_recording)
    return Ruling(decide(policy, facts), laid.version)


def _ref(ref: RecordingRef, known: Content | None) -> RecordingRef:
    """With what is known of the recording, where its bearer does not say."""
    if known is None:
        return ref
    agents = _agents([known.agent_id]) if known.agent_id and not ref.agent else ()
    return RecordingRef(
        ref.n,
        ref.agent or (agents[0] if agents else None),
        ref.started_at or known.started_at,
    )


def account_of(row: Interaction, *, is_told: bool) -> Account:
    """What is known of an interaction as it stands. Inside a scope.

    Of one that events tell of, the queue counts only if it was stated outright, for
    theirs is the last of a call's queues and not that of each leg.
    """
    queue: str | None = None
    if row.queue_id is not None and (not is_told or row.stated & Stated.QUEUE):
        names = Queue.objects.filter(id=row.queue_id).values_list("name", flat=True)
        queue = names.first()
    direction = Direction.numbered(row.direction)
    return Account(queue, _agents(row.agent_ids), direction, row.ended_at)


def _agents(ids: Sequence[int]) -> tuple[str, ...]:
    """The source's ids of agents, in order."""
    found = Agent.objects.filter(id__in=ids).values_list("id", "source_id")
    by_id = dict(found) if ids else {}
    return tuple(by_id[id_] for id_ in ids if id_ in by_id)
