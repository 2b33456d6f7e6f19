"""By which rules calls are recorded: told, and changed after a preview."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.core.errors import BadRequest, Conflict, Malformed
from valv.core.permissions import Right
from valv.core.recording_policy import Change, changes_between
from valv.intake.policies import change_policy, stated_policy
from valv.portal.builders.recording import (
    changes_told,
    fault_told,
    stated_in,
    typed_from,
    typed_of,
    version_told,
)
from valv.portal.contexts.recording import RecordingRulesPage, TypedPolicy
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.storage import scope
from valv.tenants.queries import PolicyVersion, recording_policies

HERE = "recording-rules"
UNPROCESSABLE, CONFLICT = 422, 409
STEPS = {"preview", "save", "more"}


@signed_in(Right.RETENTION, "GET", "POST")
def recording_rules(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    request.caller.require(Right.RECORDING_POLICY)
    typed, step = typed_from(request.POST), request.POST.get("step")
    if step not in STEPS:
        raise BadRequest("There is no such step.", field="step")
    try:
        return _stepped(request, typed, step)
    except Malformed as error:
        fault = fault_told(error)
        return _page(request, typed, fault=fault, status=UNPROCESSABLE)
    except Conflict:
        return _page(request, typed, fault=_changed_meanwhile(), status=CONFLICT)


def _stepped(request: Request, typed: TypedPolicy, step: str) -> HttpResponse:
    caller = request.caller
    if step == "more":
        return _page(request, typed)
    if step == "preview":
        current, policy = stated_policy(caller.tenant, stated_in(typed))
        changes = changes_between(current.policy, policy)
        return _page(request, typed, changes=changes)
    change_policy(
        caller.tenant,
        stated_in(typed),
        actor=caller.actor,
        now=request.now,
        reason=typed.reason,
        instead_of=_version(typed.version),
    )
    messages.success(request, _("The recording rules are saved, and hold from now on."))
    return see_other(reverse(HERE))


def _version(text: str) -> int:
    """The version that was looked at; one that never was is never in force."""
    return int(text) if text.isascii() and text.isdigit() else -1


def _changed_meanwhile() -> str:
    return _("Somebody else changed the rules meanwhile. Look at what holds now.")


def _page(
    request: Request,
    typed: TypedPolicy | None = None,
    *,
    changes: list[Change] | None = None,
    fault: str = "",
    status: int = 200,
) -> HttpResponse:
    caller = request.caller
    with scope.reading(caller.tenant.id):
        current, *older = recording_policies() or [PolicyVersion()]
    may_change = caller.may(Right.RECORDING_POLICY)
    may_see = may_change and caller.may(Right.SEE)
    page = RecordingRulesPage(
        current=version_told(current),
        older=tuple(map(version_told, older)),
        typed=(typed or typed_of(current)) if may_change else None,
        changes=None if changes is None else changes_told(changes),
        fault=fault,
        queues=tuple(queries.queues(caller)) if may_see else (),
        agents=tuple(queries.agents(caller)) if may_see else (),
    )
    return shown(request, "recording_rules.html", page, here=HERE, status=status)


routes = [path("recording-rules", recording_rules, name=HERE)]
