"""May this call be recorded now? Answered while it goes on, from what events told.

A switchboard asks before it records, and again whenever something changed. What it says
along with the question adds to what it told before; a refusal is never taken back. The
answer changes nothing and shows nobody's data, so it leaves no entry in the audit log;
what it rests on, the events and the version of the rules, is kept.
"""

import dataclasses
from typing import Literal, cast

from msgspec import Struct
from msgspec.structs import replace

from valv.archive import sessions
from valv.archive.models import Interaction
from valv.core.consent import DENY_RECORDING, denies_recording
from valv.core.events import Flag
from valv.core.interaction import Direction, Word, checked_session_id
from valv.core.legs import facts_now, said_of
from valv.core.recording import Facts, Manual, decide
from valv.core.recording_table import REASONS
from valv.intake.decisions import Rules, account_of
from valv.intake.told import evidence_of
from valv.storage import scope
from valv.tenants.models import Tenant
from valv.tenants.queries import PolicyVersion, recording_policy

YES_NO = Literal["yes", "no", "unknown"]
Kept = Literal["yes", "wait", "no"]


class ManualAsked(Struct, frozen=True, forbid_unknown_fields=True):
    """An agent's wish to start or stop a recording."""

    action: Literal["start", "stop"] = "start"
    informed: Flag = None
    accepted: Flag = None


class DecisionAsked(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call, or the leg of it that is meant, as far as whoever asks says.

    ``party`` is the agent's part in the call, where the events do not say yet.
    ``consent`` is what the caller answered to the question whether to record.
    """

    session_id: Word | None = None
    queue: Word | None = None
    agent: Word | None = None
    initiator: Word | None = None
    direction: Direction | None = None
    party: Literal["active", "consulted"] | None = None
    consent: YES_NO | None = None
    deny_recording: bool | str | int | None = None
    manual: ManualAsked | None = None
    saved: bool | None = None


class Question(Struct, frozen=True):
    """What to ask the caller for consent, and which version of it this is."""

    text: str | None
    version: str | None


class Decided(Struct, frozen=True):
    """Whether to record, by which rule, and what becomes of a recording.

    ``keep`` is yes, no, or wait: the call can still bring what is needed. ``agent`` is
    whose recording it is. ``ask`` is there where consent is lacking.
    """

    record: bool
    keep: Kept
    mode: Literal["forced", "pending", "manual", "none"]
    rule: str
    reason: str
    agent: str | None
    policy_version: int
    ask: Question | None = None


def decide_now(tenant: Tenant, asked: DecisionAsked) -> Decided:
    """Answer by the rules in force, in one reading scope and a few statements."""
    with scope.reading(tenant.id):
        laid = recording_policy()
        asked = _as_stored(tenant, asked)
        facts = _with_asked(_told(tenant, asked), asked)
    return _answer(laid, facts)


def _as_stored(tenant: Tenant, asked: DecisionAsked) -> DecisionAsked:
    """With words as events hold them, and rules name them."""
    words = {"queue": asked.queue, "agent": asked.agent, "initiator": asked.initiator}
    stored = {
        name: sessions.stored_word(tenant, word) for name, word in words.items() if word
    }
    return replace(asked, **stored)


def _told(tenant: Tenant, asked: DecisionAsked) -> Facts:
    if asked.session_id is None:
        return facts_now([], agent=asked.agent)
    session = sessions.stored_session_id(tenant, checked_session_id(asked.session_id))
    bound = sessions.interactions_of([session])
    row = Interaction.objects.filter(id__in=bound.values()).first()
    if row is None:
        return facts_now([], agent=asked.agent)
    events = evidence_of(tenant.id, row).events
    facts = facts_now(events, agent=asked.agent)
    facts = account_of(row, Rules(), is_told=bool(events)).fill_in(facts)
    return dataclasses.replace(facts, denied=facts.denied or row.deny_recording)


def _with_asked(facts: Facts, asked: DecisionAsked) -> Facts:
    is_consulted = facts.is_consulted
    if asked.party is not None:
        is_consulted = asked.party == "consulted"
    denied = denies_recording({DENY_RECORDING: asked.deny_recording})
    return dataclasses.replace(
        facts,
        queue=asked.queue or facts.queue,
        agent=asked.agent or facts.agent,
        direction=asked.direction or facts.direction,
        initiator=asked.initiator or facts.initiator,
        is_consulted=is_consulted,
        denied=facts.denied or denied or asked.consent == "no",
        accepted=facts.accepted or asked.consent == "yes",
        saved=facts.saved if asked.saved is None else asked.saved,
        manual=_manual(facts.manual, asked.manual),
    )


def _manual(told: Manual | None, asked: ManualAsked | None) -> Manual | None:
    if asked is None:
        return told
    if asked.action == "stop":
        return None if told is None else dataclasses.replace(told, runs=False)
    return Manual(said_of(asked.accepted), said_of(asked.informed))


def _answer(laid: PolicyVersion, facts: Facts) -> Decided:
    decision = decide(laid.policy, facts)
    ask = None
    if decision.rule == "consent":
        ask = Question(laid.policy.question, laid.policy.question_version)
    return Decided(
        record=decision.record,
        keep=cast(Kept, decision.keep.value),
        mode=decision.mode.value,
        rule=decision.rule,
        reason=REASONS[decision.rule],
        agent=decision.agent,
        policy_version=laid.version,
        ask=ask,
    )
