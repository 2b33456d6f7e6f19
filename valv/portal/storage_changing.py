"""A change of storage times, from whichever form: what it would take, and saving it."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Conflict, Malformed
from valv.core.permissions import Right
from valv.core.storage_rules import AppliesTo, StoragePolicy
from valv.lifecycle.foreseen import foreseen
from valv.lifecycle.queries import coming_date
from valv.portal.builders.storage_change import storage_change, waiting_change
from valv.portal.contexts.storage import Changing, StorageChange
from valv.portal.doors import Request, see_other
from valv.portal.typed import typed
from valv.storage import scope
from valv.tenants.models import StorageChange as Waiting
from valv.tenants.storage_changes import change_storage, waiting
from valv.tenants.storage_terms import storage_policy

CONFLICT, UNPROCESSABLE = 409, 422
Page = Callable[[Changing, int], HttpResponse]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a form makes of the version in force, None if it has a fault."""

    current: StoragePolicy
    policy: StoragePolicy | None


def saves(request: Request) -> bool:
    return request.POST.get("step") == "save"


def changing(request: Request) -> Changing:
    """What was sent beside the times and rules themselves."""
    return Changing(
        version=typed(request.POST, "version"),
        applies_to=typed(request.POST, "applies_to") or AppliesTo.EXISTING,
    )


def with_waiting(request: Request, given: Changing) -> Changing:
    """With the change that waits, if one does."""
    caller = request.caller
    with scope.reading(caller.tenant.id):
        change, current = waiting(), storage_policy()
    if change is None:
        return given
    return replace(given, waiting=waiting_change(change, current, caller))


def stepped(request: Request, wanted: Wanted, page: Page, *, here: str) -> HttpResponse:
    """Show what a change would take, or save it; with what is wrong, if it cannot be.

    Raises BadRequest for a step or choice that there is not.
    """
    given, step = changing(request), request.POST.get("step")
    if step not in ("preview", "save") or given.applies_to not in set(AppliesTo):
        raise BadRequest("There is no such step.", field="step")
    if wanted.policy is None:
        return page(replace(given, fault=_faulty()), UNPROCESSABLE)
    if step == "preview":
        change = _change(request, wanted.current, wanted.policy, given)
        return page(replace(given, change=change), 200)
    try:
        waits = _save(request, wanted.policy, given)
    except Malformed:
        return page(replace(given, fault=_leads_to_somebody()), UNPROCESSABLE)
    except Conflict:
        return page(replace(given, fault=_changed_meanwhile()), CONFLICT)
    messages.success(request, _saved() if waits is None else _waiting())
    return see_other(reverse(here))


def _saved() -> str:
    return _("The storage times are saved, and hold from the coming night.")


def _waiting() -> str:
    return _("The change is noted, and waits. Until then all is kept as before.")


def _faulty() -> str:
    return _(
        "Not saved. Days are whole numbers, no minimum is above its maximum, and each"
        " rule has a name of its own."
    )


def _leads_to_somebody() -> str:
    return _("Not saved: a name or a decision holds a number or address of somebody.")


def _changed_meanwhile() -> str:
    return _(
        "Not saved: somebody else changed the storage times meanwhile, or a change"
        " waits already."
    )


def _save(request: Request, policy: StoragePolicy, given: Changing) -> Waiting | None:
    version = given.version
    return change_storage(
        request.caller.tenant,
        policy,
        applies_to=AppliesTo(given.applies_to),
        actor=request.caller.actor,
        now=request.now,
        instead_of=int(version) if version.isascii() and version.isdigit() else -1,
    )


def _change(
    request: Request, before: StoragePolicy, after: StoragePolicy, given: Changing
) -> StorageChange:
    tenant = request.caller.tenant
    applies_to = AppliesTo(given.applies_to)
    coming = coming_date(tenant, request.now)
    return storage_change(
        before,
        after,
        foreseen(tenant, coming, after, applies_to),
        tenant=tenant,
        to_new=applies_to is AppliesTo.NEW,
        may_see=request.caller.may(Right.SEE),
    )
