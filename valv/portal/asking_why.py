"""Asks for a reason, whichever act was tried: the same act again, with a field more.

In a dialog over the page it concerns, or on a page of its own without script. All that
was sent comes along, so that nothing need be chosen anew.
"""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from valv.core.errors import Malformed, ReasonRequired
from valv.portal.contexts.frame import ReasonPage
from valv.portal.doors import Request, caller_of
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.tenants.reasons import reasons_of

ASIDE = frozenset({"csrfmiddlewaretoken", "reason"})
IN_A_DIALOG = {"HX-Retarget": "#dialog-body", "HX-Reswap": "innerHTML"}


def ask_why(request: Request, *, fault: str) -> HttpResponse:
    """Ask whoever is signed in why they wish what they asked for by POST.

    ``fault`` is what is wrong with the reason they gave; "" if they gave none.
    """
    page = ReasonPage(
        action=request.path,
        back=_page_before(request),
        proposed=reasons_of(request.caller.tenant).proposed,
        hidden=tuple(
            (name, value)
            for name, values in request.POST.lists()
            if name not in ASIDE
            for value in values
        ),
        fault=fault,
        reason=typed(request.POST, "reason"),
        target=(request.htmx.target or "") if request.htmx else "",
    )
    if not request.htmx:
        status = ReasonRequired.status
        return shown(request, "reason.html", page, here="search", status=status)
    response = render(request, "reason_box.html", {"page": page})
    for name, value in IN_A_DIALOG.items():
        response[name] = value
    return response


def is_about_reason(error: Exception, request: HttpRequest) -> bool:
    """Whether asking for a reason, or a better one, may help."""
    asks = isinstance(error, Malformed) and error.field == "reason"
    return asks and request.method == "POST" and caller_of(request) is not None


def _page_before(request: Request) -> str:
    """The page of ours that one came from, without what its address asked."""
    came_from = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}):
        return str(urlsplit(came_from).path)
    return reverse("home")
