"""The register of requests: received, checked, decided, answered, each entered.

Who it is from is sealed under a key of its own. The answer destroys that key, and so
does the job that forgot them; what is left of the row says what was asked, when, and
what became of it, and goes two years after the answer. Whom its texts name is an
identifier that forgetting reaches.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain
from typing import Any

from valv.archive import mentions
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import Conflict, Malformed, NotFound
from valv.core.mentions import has_marks
from valv.core.moments import format_moment, local_date, zone_named
from valv.core.permissions import Right
from valv.core.privacy_requests import (
    Decision,
    RequestKind,
    RequestState,
    due_on,
    state_of,
)
from valv.core.reasons import checked as checked_reason
from valv.lifecycle import jobs
from valv.lifecycle.models import Job
from valv.lifecycle.plans import JobState, new_id
from valv.lifecycle.request_models import PrivacyRequest
from valv.storage import intents, keys, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.sealed import open_value, seal_value
from valv.tenants.access import Caller
from valv.tenants.models import Tenant

LONGEST_WHO = 500
LIVES = timedelta(days=730)
REGISTERED, EXTENDED, CHECKED = "registered", "extended", "checked"
TEXTS = ("extended_for", "checked_by", "decided_for", "answered_how")
DECIDED, ANSWERED = "decided", "answered"


@dataclass(frozen=True, slots=True)
class Seen:
    """A request; ``who`` is empty once it is answered, or they are forgotten.

    It ``names_somebody`` if that, or a text of it, does.
    """

    row: PrivacyRequest
    who: str
    state: RequestState
    names_somebody: bool


def register(
    caller: Caller,
    kind: RequestKind,
    *,
    who: str,
    received_on: date,
    checked_by: str = "",
    now: datetime,
) -> Seen:
    """Note what somebody asked for. Raises Forbidden and Malformed."""
    caller.require(Right.PRIVACY)
    tenant = caller.tenant
    named = who.strip()
    if not 0 < len(named) <= LONGEST_WHO:
        raise Malformed("Write who it is from.", field="who")
    if received_on > _today(tenant, now):
        raise Malformed("That day is yet to come.", field="received_on")
    checked = _kept(tenant, checked_by, field="checked_by", now=now)
    number = new_id(now)
    sealed = _seal(tenant.id, number, named)
    with scope.writing(tenant.id):
        row = PrivacyRequest.objects.create(
            id=number,
            kind=kind.value,
            sealed=sealed,
            received_on=received_on,
            due_on=due_on(received_on),
            checked_by=checked,
            registered_at=now,
            registered_by=caller.actor.name[:200],
        )
        _enter(caller, row, REGISTERED, now=now)
        return _seen(tenant, row, now=now)


def _today(tenant: Tenant, now: datetime) -> date:
    return local_date(now, zone=zone_named(tenant.timezone))


def _kept(
    tenant: Tenant, text: str, *, field: str, required: bool = False, now: datetime
) -> str:
    """A few words, with whom they name put by reference. Raises Malformed."""
    said = text.strip()
    if required and not said:
        raise Malformed("Say so in a few words.", field=field)
    return mentions.kept(
        tenant, checked_reason(said, required=False), now=now, field=field
    )


def _context(tenant_id: int, number: int) -> bytes:
    return f"request:{tenant_id}:{number}".encode()


def _seal(tenant_id: int, number: int, who: str) -> bytes:
    key = keys.create(tenant_id, KeyKind.JOB, [number])[number]
    return seal_value(who.encode(), key=key, context=_context(tenant_id, number))


def _who(row: PrivacyRequest) -> str:
    key = keys.read(row.tenant_id, KeyKind.JOB, [row.id]).get(row.id)
    if row.sealed is None or key is None:
        return ""
    context = _context(row.tenant_id, row.id)
    return open_value(bytes(row.sealed), key=key, context=context).decode()


def _enter(
    caller: Caller, row: PrivacyRequest, what: str, reason: str = "", *, now: datetime
) -> None:
    details = {"request": str(row.id), "kind": row.kind}
    act = Act(Action.REQUEST, content=what, reason=reason, details=details)
    record(act, actor=caller.actor, now=now)


def _seen(tenant: Tenant, row: PrivacyRequest, *, now: datetime) -> Seen:
    state = state_of(
        is_decided=row.decided_at is not None,
        is_answered=row.answered_at is not None,
        due=row.due_on,
        today=_today(tenant, now),
    )
    who = _who(row)
    is_marked = has_marks("".join(getattr(row, text) for text in TEXTS))
    mentions.spell_out(tenant.id, [row], *TEXTS)
    return Seen(row, who, state, names_somebody=bool(who) or is_marked)


def _open(number: int) -> PrivacyRequest:
    """Raises NotFound, and Conflict for one that is answered."""
    row: PrivacyRequest | None = PrivacyRequest.objects.filter(id=number).first()
    if row is None:
        raise NotFound
    if row.answered_at is not None:
        raise Conflict("The request is answered.")
    return row


def extend(caller: Caller, number: int, *, reason: str, now: datetime) -> Seen:
    """Take two months more, once, for a reason. Raises Conflict if it was done."""
    caller.require(Right.PRIVACY)
    why = _kept(caller.tenant, reason, field="reason", required=True, now=now)
    with scope.writing(caller.tenant.id):
        row = _open(number)
        if row.extended_for:
            raise Conflict("The time for the answer is extended already.")
        row.extended_for = why
        row.due_on = due_on(row.received_on, is_extended=True)
        row.save(update_fields=["extended_for", "due_on"])
        _enter(caller, row, EXTENDED, why, now=now)
        return _seen(caller.tenant, row, now=now)


def check(caller: Caller, number: int, *, how: str, now: datetime) -> Seen:
    """Note how it was checked that they are who they say."""
    caller.require(Right.PRIVACY)
    said = _kept(caller.tenant, how, field="checked_by", required=True, now=now)
    with scope.writing(caller.tenant.id):
        row = _open(number)
        row.checked_by = said
        row.save(update_fields=["checked_by"])
        _enter(caller, row, CHECKED, now=now)
        return _seen(caller.tenant, row, now=now)


def decide(
    caller: Caller,
    number: int,
    decision: Decision,
    *,
    reason: str,
    job_id: int | None = None,
    now: datetime,
) -> Seen:
    """Decide it, and link the job that does what was asked. Raises NotFound for none.

    A refusal, whole or in part, needs its reason, for it must be told (Art. 12(4)).
    """
    caller.require(Right.PRIVACY)
    needed = decision is not Decision.GRANTED
    why = _kept(caller.tenant, reason, field="reason", required=needed, now=now)
    if job_id is not None:
        jobs.found(caller.tenant.id, job_id)
    with scope.writing(caller.tenant.id):
        row = _open(number)
        row.decision, row.decided_for, row.decided_at = decision.value, why, now
        row.job_id = row.job_id if job_id is None else job_id
        row.save(update_fields=["decision", "decided_for", "decided_at", "job_id"])
        _enter(caller, row, DECIDED, why, now=now)
        return _seen(caller.tenant, row, now=now)


def answer(caller: Caller, number: int, *, how: str, now: datetime) -> Seen:
    """Note that the answer went out, and let go of who the request was from.

    Raises Conflict for one that was not decided.
    """
    caller.require(Right.PRIVACY)
    said = _kept(caller.tenant, how, field="answered_how", required=True, now=now)
    with scope.writing(caller.tenant.id):
        row = _open(number)
        if row.decided_at is None:
            raise Conflict("The request is not decided yet.")
        row.answered_how, row.answered_at = said, now
        row.save(update_fields=["answered_how", "answered_at"])
        doomed = _nameless([row], now=now)
        _enter(caller, row, ANSWERED, now=now)
    intents.carry_out(caller.tenant.id, doomed)
    with scope.reading(caller.tenant.id):
        return _seen(caller.tenant, row, now=now)


def _nameless(rows: list[PrivacyRequest], *, now: datetime) -> list[Intent]:
    """Let go of whom they are from; the keys are destroyed after the commit."""
    for row in rows:
        row.sealed = None
    ids = [row.id for row in rows]
    PrivacyRequest.objects.filter(id__in=ids).update(sealed=None)
    return intents.commit(intents.intend(KeyKind.JOB, ids, now=now))


def tidy(tenant: Tenant, *, now: datetime) -> None:
    """What the night does: who a request is from goes with the job that forgot them,
    and what was answered two years ago goes. Whom open ones name stays as long.
    """
    with scope.writing(tenant.id):
        PrivacyRequest.objects.filter(answered_at__lt=now - LIVES).delete()
        done = Job.objects.filter(state=JobState.DONE).values("id")
        rows = PrivacyRequest.objects.filter(job_id__in=done, sealed__isnull=False)
        doomed = _nameless(list(rows), now=now)
        waiting = PrivacyRequest.objects.filter(answered_at__isnull=True)
        texts = chain.from_iterable(waiting.values_list(*TEXTS))
        mentions.still_named(tenant.id, texts, now=now)
    intents.carry_out(tenant.id, doomed)


def requests(caller: Caller, *, now: datetime) -> list[Seen]:
    """All requests, those that wait longest first; that whom is seen is entered."""
    caller.require(Right.PRIVACY)
    with scope.writing(caller.tenant.id):
        rows = PrivacyRequest.objects.order_by("answered_at", "due_on", "id")
        listed = [_seen(caller.tenant, row, now=now) for row in rows]
        _enter_sight(caller, [one for one in listed if one.names_somebody], now=now)
    return sorted(listed, key=lambda one: one.row.answered_at is not None)


def see_request(caller: Caller, number: int, *, now: datetime) -> Seen:
    """One request; the sight is entered if it names anybody. Raises NotFound."""
    caller.require(Right.PRIVACY)
    with scope.writing(caller.tenant.id):
        row = PrivacyRequest.objects.filter(id=number).first()
        if row is None:
            raise NotFound
        seen = _seen(caller.tenant, row, now=now)
        _enter_sight(caller, [seen] if seen.names_somebody else [], now=now)
    return seen


def _enter_sight(caller: Caller, named: list[Seen], *, now: datetime) -> None:
    if named:
        details = {"requests": [str(one.row.id) for one in named]}
        act = Act(Action.SEE, content="requests", details=details)
        record(act, actor=caller.actor, now=now)


def late(caller: Caller, *, now: datetime) -> int:
    """How many are past their day and not answered; none for who may not see them."""
    if not caller.may(Right.PRIVACY):
        return 0
    today = _today(caller.tenant, now)
    with scope.reading(caller.tenant.id):
        waiting = PrivacyRequest.objects.filter(answered_at__isnull=True)
        return int(waiting.filter(due_on__lt=today).count())


def shown_request(seen: Seen) -> dict[str, Any]:
    """As it is answered to machines."""
    row = seen.row
    return {
        "id": str(row.id),
        "kind": row.kind,
        "state": seen.state.value,
        "who": seen.who,
        "received_on": row.received_on.isoformat(),
        "due_on": row.due_on.isoformat(),
        "extended_for": row.extended_for,
        "checked_by": row.checked_by,
        "decision": row.decision or None,
        "decided_for": row.decided_for,
        "decided_at": None if row.decided_at is None else format_moment(row.decided_at),
        "answered_how": row.answered_how,
        "answered_at": row.answered_at and format_moment(row.answered_at),
        "job": None if row.job_id is None else str(row.job_id),
        "registered_by": row.registered_by,
    }
