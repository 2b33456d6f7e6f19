"""Placing a hold on hits of a search: how many there are, and for which matter."""

from collections.abc import Iterator

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from valv.archive.items import Item
from valv.archive.stored_searches import Typed
from valv.core.errors import Conflict, Malformed
from valv.lifecycle.holds import Wanted, place
from valv.portal.asking_why import is_about_reason
from valv.portal.builders.holds import coming_of, form_of, matter_of, typed_hold
from valv.portal.bulk import ALL, tally_of_hits, travelling
from valv.portal.contexts.holds import HoldForm, HoldHitsPage
from valv.portal.doors import Request, see_other
from valv.portal.frame import shown
from valv.portal.search_form import request_of

UNPROCESSABLE = 422


def place_on_hits(
    request: Request, search_id: str, asked: Typed, hits: Iterator[list[Item]]
) -> HttpResponse:
    """Ask for the matter, then place it. Raises Forbidden."""
    given = typed_hold(request.POST)
    if request.POST.get("confirmed") != "yes":
        return _ask(request, search_id, form_of(given, None), hits)
    try:
        wanted = _wanted(request, asked, hits)
        placed = place(request.caller, matter_of(given), wanted, now=request.now)
    except (Malformed, Conflict) as error:
        if is_about_reason(error, request):
            raise
        return _ask(request, search_id, form_of(given, error), hits)
    messages.success(request, _("The hold is placed."))
    return see_other(reverse("hold", args=[placed.hold.id]))


def _wanted(request: Request, asked: Typed, hits: Iterator[list[Item]]) -> Wanted:
    """All that the search finds at that moment, or what was chosen; and a rule."""
    tenant = request.caller.tenant
    rule = coming_of(typed_hold(request.POST), tenant)
    if request.POST.get("scope") == ALL:
        return Wanted(search=request_of(asked, tenant), rule=rule)
    chosen = frozenset(int(item.id) for page in hits for item in page)
    return Wanted(interactions=chosen, rule=rule)


def _ask(
    request: Request, search_id: str, form: HoldForm, hits: Iterator[list[Item]]
) -> HttpResponse:
    tally = tally_of_hits(hits)
    page = HoldHitsPage(
        action=request.path,
        back=reverse("search-answer", args=[search_id]),
        form=form,
        count=tally.count,
        held=tally.held,
        capped=tally.is_unfinished,
        hidden=travelling(request.POST),
    )
    status = UNPROCESSABLE if form.wrong else 200
    return shown(request, "hold_hits.html", page, here="search", status=status)
