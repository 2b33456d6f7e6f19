"""What the rules say of one content that comes, waits or is there.

A chat log waits for the end of its chat. Of a recording the facts are read off the
interaction's events; where none tells of the call, the general information says which
queue and agents it had. A recording is judged for good by the version of the rules
under which it was first told of: rules that are changed later neither take it away nor
bring it back.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from valv.archive import contents
from valv.archive.models import Agent, Content, Interaction, Queue
from valv.core.errors import Refused
from valv.core.interaction import ContentKind, Direction, General
from valv.core.legs import AFTERWARDS, RecordingRef, facts_of
from valv.core.recording import Facts, decide
from valv.core.recording_policy import Policy, policy_from
from valv.core.recording_table import REASONS, Keep
from valv.intake.general import plain
from valv.intake.stated import Stated
from valv.intake.told import Evidence, evidence_of
from valv.tenants.models import Tenant
from valv.tenants.queries import PolicyVersion, recording_policy

# What the policy refuses depends on what is known of the call so far: it is taken back
# if more is known, as long as no byte has come. Other refusals stand once said.
BY_POLICY = frozenset(REASONS) - {"deny_recording"}


@dataclass(slots=True)
class Rules:
    """The versions of a tenant's recording rules, each read once in a scope.

    ``agents`` are the source's ids of those whose number is known, read once likewise.
    """

    read: dict[int | None, PolicyVersion] = field(default_factory=dict)
    agents: dict[int, str] = field(default_factory=dict)

    def of(self, version: int | None = None) -> PolicyVersion:
        """Those of a version; None is whatever is in force."""
        if version not in self.read:
            self.read[version] = recording_policy(version)
        return self.read[version]

    def meet(self, agent_ids: Iterable[int]) -> None:
        """Read who these are, as far as it is not known yet: in one statement."""
        unknown = set(agent_ids) - self.agents.keys()
        if unknown:
            found = Agent.objects.filter(id__in=unknown)
            self.agents.update(found.values_list("id", "source_id"))

    def agents_of(self, agent_ids: Sequence[int]) -> tuple[str, ...]:
        """The source's ids of agents, in order."""
        self.meet(agent_ids)
        return tuple(self.agents[id_] for id_ in agent_ids if id_ in self.agents)


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
    """Content may be kept, or ``waits`` until that is known.

    For a recording, by which rule, and by which version of the rules.
    """

    waits: bool
    rule: str = ""
    version: int | None = None


def refusal_by(rule: str) -> Refused:
    return Refused(rule, REASONS.get(rule, "This recording may not be kept."))


def judge(
    tenant: Tenant,
    row: Interaction,
    kind: ContentKind,
    ref: RecordingRef,
    *,
    general: General | None = None,
) -> Ruling:
    """Judge what comes, at the door, after ``contents.refuse``: that heard the refusal.

    ``row`` may be one that is only imagined, and ``general`` is what comes along with
    it. Raises Refused if the answer is no. Inside a scope.
    """
    if kind is ContentKind.CHAT_LOG:
        return Ruling(_is_going_on(row, evidence_of(tenant.id, row)))
    known = contents.row_of(row.id, ContentKind.RECORDING, ref.n) if row.id else None
    laid = recording_policy(None if known is None else known.policy_version)
    if laid.policy.is_empty():
        return _ruling(laid, laid.policy, Facts())
    evidence = evidence_of(tenant.id, row)
    rules = Rules()
    account = account_of(row, rules, is_told=bool(evidence.events))
    if general is not None:
        account = account.and_then(plain(tenant, general))
    facts = _facts(account, evidence, _ref(ref, known, rules))
    return _ruling(laid, laid.policy, facts)


def judge_again(
    rules: Rules,
    row: Interaction,
    content: Content,
    bearer: Content,
    evidence: Evidence,
) -> Ruling:
    """Judge what is held or awaited, by all that is told of its interaction by now.

    What ``contents.refuse`` forbids was asked before, a stated refusal among it.
    ``bearer`` is the recording that a transcript is of, else the content itself. What
    was let in can only be taken away by what the call itself answers, and not because
    no rule allowed it. Raises Refused if the answer is no. Inside a scope.
    """
    if content.kind == ContentKind.CHAT_LOG.number:
        return Ruling(_is_going_on(row, evidence))
    laid = rules.of(content.policy_version)
    if laid.policy.is_empty():
        return _ruling(laid, laid.policy, Facts())
    policy = laid.policy
    if contents.has_bytes(content):
        policy = policy_from({"refuse_unruled": False}, current=policy)
    account = account_of(row, rules, is_told=bool(evidence.events))
    ref = _ref(RecordingRef(bearer.n), bearer, rules)
    return _ruling(laid, policy, _facts(account, evidence, ref))


def _ruling(laid: PolicyVersion, policy: Policy, facts: Facts) -> Ruling:
    made = decide(policy, facts)
    if made.keep is Keep.NO:
        raise refusal_by(made.rule)
    return Ruling(made.keep is Keep.WAIT, made.rule, laid.version)


def _facts(account: Account, evidence: Evidence, ref: RecordingRef) -> Facts:
    facts = account.fill_in(facts_of(evidence.events, ref))
    # Of events that are held no more, neither a yes nor a save can be shown.
    return replace(facts, told=facts.told or not evidence.is_whole)


def _is_going_on(row: Interaction, evidence: Evidence) -> bool:
    """Whether somebody tells of it as it goes, and has not told of its end."""
    told = any(event.type not in AFTERWARDS for event in evidence.events)
    return row.ended_at is None and (told or not evidence.is_whole)


def _ref(ref: RecordingRef, known: Content | None, rules: Rules) -> RecordingRef:
    """With what is known of the recording, where its bearer does not say."""
    if known is None:
        return ref
    agents = rules.agents_of([known.agent_id]) if known.agent_id else ()
    return RecordingRef(
        ref.n,
        ref.agent or (agents[0] if agents else None),
        ref.started_at or known.started_at,
    )


def account_of(row: Interaction, rules: Rules, *, is_told: bool) -> Account:
    """What is known of an interaction as it stands. Inside a scope.

    Of one that events tell of, the queue counts only if it was stated outright, for
    theirs is the last of a call's queues and not that of each leg.
    """
    queue: str | None = None
    if row.queue_id is not None and (not is_told or row.stated & Stated.QUEUE):
        names = Queue.objects.filter(id=row.queue_id).values_list("name", flat=True)
        queue = names.first()
    direction = Direction.numbered(row.direction)
    return Account(queue, rules.agents_of(row.agent_ids), direction, row.ended_at)
