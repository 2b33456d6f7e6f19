"""Which acts need a reason, and which reasons are proposed."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.core.errors import Malformed
from valv.core.permissions import Right
from valv.core.reasons import Needs
from valv.portal.contexts.reports import ReasonsPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.tenants.reasons import reasons_of, set_reasons

HERE = "reasons"
LONGEST = 4000
UNPROCESSABLE = 422


@signed_in(Right.SETTINGS, "GET", "POST")
def reasons(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    required = [one for one in Needs if one.value in request.POST.getlist("required")]
    try:
        set_reasons(
            request.caller.tenant,
            required=required,
            proposed=_lines(request),
            actor=request.caller.actor,
            now=request.now,
        )
    except Malformed:
        return _page(request, fault=True)
    messages.success(request, _("Saved. It holds for what comes from now on."))
    return see_other(reverse(HERE))


def _lines(request: Request) -> list[str]:
    return typed(request.POST, "proposed", longest=LONGEST).splitlines()


def _page(request: Request, *, fault: bool = False) -> HttpResponse:
    """What is in force, or what was typed and cannot be taken."""
    held = reasons_of(request.caller.tenant)
    page = ReasonsPage(
        required=tuple(request.POST.getlist("required"))
        if fault
        else tuple(one.value for one in held.required),
        proposed="\n".join(_lines(request) if fault else held.proposed),
        fault=_(
            "At most 20 reasons, each of at most 100 characters and without phone"
            " numbers or e-mail addresses."
        )
        if fault
        else "",
    )
    status = UNPROCESSABLE if fault else 200
    return shown(request, "reasons.html", page, here=HERE, status=status)


routes = [path("settings/reasons", reasons, name=HERE)]
