"""What is masked as it arrives: shown, tried on a text, and set.

The text that is tried is drawn once more, and kept nowhere.
"""

from dataclasses import replace

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import BadRequest, Conflict
from valv.core.masking import Masking, MaskingRules
from valv.core.permissions import Right
from valv.portal.builders.masking import Typed, tried, typed_from, typed_of
from valv.portal.contexts.masking import MaskingPage, Piece
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.tenants.operations import set_masking
from valv.tenants.queries import MaskingVersion, masking_version

HERE = "masking"
UNPROCESSABLE, CONFLICT = 422, 409
Tried = tuple[tuple[Piece, ...] | None, str]


@signed_in(Right.SETTINGS, "GET", "POST")
def masking(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request, typed_of(_in_force(request).rules))
    typed = typed_from(request.POST)
    if typed.rules is None:
        return _page(request, typed, status=UNPROCESSABLE)
    if request.POST.get("step") == "save":
        return _save(request, typed, typed.rules)
    if request.POST.get("step") != "try":
        raise BadRequest("There is no such step.", field="step")
    masks = Masking.of(typed.rules, region=request.caller.tenant.region)
    return _page(request, typed, shows=tried(typed.text, masks))


def _in_force(request: Request) -> MaskingVersion:
    tenant = request.caller.tenant
    return masking_version(tenant.id, tenant.masking_version)


def _save(request: Request, typed: Typed, rules: MaskingRules) -> HttpResponse:
    caller, version = request.caller, request.POST.get("version", "")
    try:
        set_masking(
            caller.tenant,
            rules,
            actor=caller.actor,
            now=request.now,
            instead_of=int(version) if version.isdecimal() else None,
        )
    except Conflict:
        said = _(
            "Somebody else changed this meanwhile. Save again to put yours in force."
        )
        return _page(request, replace(typed, faults={"": said}), status=CONFLICT)
    messages.success(request, _("Saved. It holds for what comes from now on."))
    return see_other(reverse(HERE))


def _page(
    request: Request, typed: Typed, *, shows: Tried = (None, ""), status: int = 200
) -> HttpResponse:
    now = _in_force(request)
    page = MaskingPage(
        version=now.version,
        kinds=typed.kinds,
        patterns=typed.patterns,
        menus=typed.menus,
        variables=typed.variables,
        text=typed.text,
        tried=shows[0],
        kept=shows[1],
        fault=typed.faults.get("", ""),
        menus_fault=typed.faults.get("menus", ""),
        variables_fault=typed.faults.get("variables", ""),
        changed_at=now.since,
        changed_by=now.set_by,
    )
    return shown(request, "masking.html", page, here=HERE, status=status)


routes = [path("masking", masking, name=HERE)]
