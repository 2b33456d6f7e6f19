"""What agents may register: the tenant's list of topics, set and asked.

The list is for what is registered now. What an import or a vCon brings was registered
elsewhere, and is taken as it is.
"""

from collections.abc import Iterable
from datetime import datetime

from msgspec import to_builtins

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.changes import setting
from valv.core.errors import Refused
from valv.core.interaction import Registration, decoded
from valv.core.people import Actor
from valv.core.permissions import Right
from valv.core.registration import Topics
from valv.core.traces import refuse_traces
from valv.intake.event_lines import Lines
from valv.intake.models import RegistrationSetting
from valv.intake.refusals import note
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import Tenant


def topics_in_force() -> Topics:
    """The list of the tenant whose scope is open."""
    row = RegistrationSetting.objects.order_by("-id").first()
    return Topics() if row is None else decoded(row.topics, Topics)


def topics(tenant: Tenant) -> Topics:
    with scope.reading(tenant.id):
        return topics_in_force()


def setting_in_force(caller: Caller) -> tuple[Topics, RegistrationSetting | None]:
    """The list, and who set it when. Raises Forbidden."""
    caller.require(Right.SETTINGS)
    with scope.reading(caller.tenant.id):
        row = RegistrationSetting.objects.order_by("-id").first()
        return topics_in_force(), row


def set_topics(caller: Caller, listed: Topics, *, now: datetime) -> None:
    """Put a new list in force; what is registered already stays as it is.

    Raises Forbidden, and Malformed for a word that leads to somebody.
    """
    caller.require(Right.SETTINGS)
    _check_words(caller.tenant, listed)
    with scope.writing(caller.tenant.id):
        before = topics_in_force()
        RegistrationSetting.objects.create(
            topics=to_builtins(listed), since=now, set_by=caller.actor.name
        )
        details = setting(
            "registration_topics", _by_category(before), _by_category(listed)
        )
        record(Act(Action.SETTING, details=details), actor=caller.actor, now=now)


def _by_category(listed: Topics) -> dict[str, list[str]]:
    return {one.category or "": list(one.topics) for one in listed.categories}


def _check_words(tenant: Tenant, listed: Topics) -> None:
    words = [one.category for one in listed.categories if one.category]
    words += [topic for one in listed.categories for topic in one.topics]
    for word in words:
        refuse_traces(word, region=tenant.region, field="categories")


def check(
    tenant: Tenant,
    picked: Iterable[Registration],
    interaction_id: int | None,
    *,
    actor: Actor,
    now: datetime,
) -> None:
    """Raise Refused, and record it, for a topic that the tenant does not take."""
    try:
        topics(tenant).check(picked)
    except Refused as refusal:
        with scope.writing(tenant.id):
            note(interaction_id, refusal, actor=actor, now=now)
        raise


def sift(tenant: Tenant, lines: Lines, *, actor: Actor, now: datetime) -> None:
    """Take out the lines that register a topic which the tenant does not take."""
    picked = [
        (session_id, one, one.event.data)
        for session_id, events in lines.sessions.items()
        for one in events
        if isinstance(one.event.data, Registration)
    ]
    if not picked:
        return
    listed, refusals = topics(tenant), list[Refused]()
    for session_id, one, data in picked:
        refusal = _refusal(listed, data)
        if refusal is not None:
            refusals.append(refusal)
            lines.take_out(session_id, one, refusal)
    if refusals:
        with scope.writing(tenant.id):
            note(None, refusals[0], actor=actor, now=now)


def _refusal(listed: Topics, one: Registration) -> Refused | None:
    try:
        listed.check([one])
    except Refused as refusal:
        return refusal
    return None
