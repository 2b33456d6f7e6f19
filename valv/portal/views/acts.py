"""Acts on many hits: take content or general information out, or delete content.

The hits are the chosen ones, or all of a search. Each recording or chat log that leaves
or goes has its own entry in the audit log; a spreadsheet has one.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries, stored_searches
from valv.archive.chosen import chosen
from valv.archive.exports import enter_export
from valv.archive.items import Item
from valv.archive.sights import Why
from valv.archive.stored_searches import Typed
from valv.core.errors import BadRequest
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.purposes import use_from
from valv.core.reasons import Needs
from valv.core.search import HIGHEST_LIMIT, Count
from valv.lifecycle import planning
from valv.lifecycle.plans import EVERYTHING, Options
from valv.portal.bulk import (
    ALL,
    Opening,
    deleted,
    held_words,
    left_out_words,
    places_of,
    result_words,
    tally_of,
    travelling,
)
from valv.portal.confirming import recently_confirmed
from valv.portal.contexts.frame import ConfirmPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.files import attached
from valv.portal.frame import shown
from valv.portal.holding import place_on_hits
from valv.portal.reasons import fault_of
from valv.portal.search_form import request_of
from valv.portal.typed import typed
from valv.sharing import archive_zip, workbook
from valv.sharing.spreadsheet import spreadsheet
from valv.sharing.transfers import Way
from valv.tenants.reasons import stated

UNPROCESSABLE = 422


@dataclass(frozen=True, slots=True)
class Act:
    """What is done, with the right it needs besides that to act on many."""

    right: Right
    kind: ContentKind | None = None
    name: str = "interactions"


ACTS = {
    "xlsx": Act(Right.EXPORT),
    "download-recordings": Act(Right.DOWNLOAD, ContentKind.RECORDING, "recordings"),
    "download-chat-logs": Act(Right.DOWNLOAD, ContentKind.CHAT_LOG, "chat-logs"),
    "delete-recordings": Act(Right.DELETE, ContentKind.RECORDING),
    "delete-chat-logs": Act(Right.DELETE, ContentKind.CHAT_LOG),
    "anonymise": Act(Right.PRIVACY),
    "hold": Act(Right.HOLDS),
}


def _deletes(request: Request) -> bool:
    return request.POST.get("confirmed") == "yes"


@signed_in(Right.SEE, "POST", transfers=Way.OUT)
@recently_confirmed(when=_deletes)
def act_on_hits(request: Request, search_id: str) -> HttpResponseBase:
    request.caller.require(Right.BULK)
    asked = stored_searches.recall(request.caller, search_id, now=request.now)
    act = ACTS.get(request.POST.get("action", ""))
    if act is None:
        raise BadRequest("There is no such act.", field="action")
    request.caller.require(act.right)
    if request.POST.get("scope") != ALL and not request.POST.getlist("id"):
        return _told(request, search_id, _("Nothing is selected."))
    hits = _hits(request, asked)
    if act.right is Right.HOLDS:
        return place_on_hits(request, search_id, asked, hits)
    if act.right is Right.PRIVACY:
        return _anonymise(request, hits)
    if act.kind is None:
        return _spreadsheet(request, asked, hits)
    if act.right is Right.DOWNLOAD:
        return _zip(request, search_id, act, act.kind, hits)
    return _delete(request, search_id, act.kind, hits)


def _hits(request: Request, asked: Typed) -> Iterator[list[Item]]:
    """What is acted on, a page at a time, each read when it is its turn."""
    if request.POST.get("scope") != ALL:
        return iter([chosen(request.caller, request.POST.getlist("id"))])
    wanted = request_of(asked, request.caller.tenant)
    wanted = replace(wanted, limit=HIGHEST_LIMIT, count=Count.NONE)
    return queries.walk(request.caller, wanted, now=request.now)


def _anonymise(request: Request, hits: Iterator[list[Item]]) -> HttpResponse:
    """A plan to anonymise them and delete their content; it is looked at first."""
    chosen_ids = frozenset(int(item.id) for page in hits for item in page)
    wanted = planning.Wanted(
        interactions=chosen_ids, options=Options(anonymise=True, delete=EVERYTHING)
    )
    job = planning.plan(request.caller, wanted, now=request.now)
    return see_other(reverse("anonymise-job", args=[job.id]))


def _spreadsheet(
    request: Request, asked: Typed, hits: Iterator[list[Item]]
) -> HttpResponseBase:
    first = next(hits)
    how = ["chosen"]
    if request.POST.get("scope") == ALL:
        how = sorted(queries.kinds_of(request_of(asked, request.caller.tenant)))
    details = {"form": "xlsx", "by": how}
    reason = typed(request.POST, "reason")
    enter_export(request.caller, details, reason=reason, now=request.now)
    items = chain.from_iterable(chain([first], hits))
    zone = zone_named(request.caller.tenant.timezone)
    stream = spreadsheet(items, zone=zone)
    return attached(request, stream, "interactions", "xlsx", workbook.MEDIA_TYPE)


def _zip(
    request: Request,
    search_id: str,
    act: Act,
    kind: ContentKind,
    hits: Iterator[list[Item]],
) -> HttpResponseBase:
    opening = Opening(request.caller, use_from(request.POST.get("purpose")))
    reason = stated(
        request.caller.tenant, Needs.DOWNLOAD, typed(request.POST, "reason")
    )
    places = places_of(hits, kind, opening)
    first = next(places, None)
    if first is None:
        none = _("None of these hits has any.")
        left_out = opening.left_out
        return _told(request, search_id, left_out_words(left_out) if left_out else none)
    stream = archive_zip.archive_zip(
        request.caller,
        chain([first], places),
        now=request.now,
        why=Why(opening.use, reason),
        left_out=lambda: opening.left_out,
    )
    begun = next(stream)  # what is wrong from the start is still told on a page
    return attached(
        request, chain([begun], stream), act.name, "zip", archive_zip.MEDIA_TYPE
    )


def _delete(
    request: Request, search_id: str, kind: ContentKind, hits: Iterator[list[Item]]
) -> HttpResponse:
    reason = typed(request.POST, "reason")
    is_confirmed = request.POST.get("confirmed") == "yes"
    missing = _("Write why they are deleted.")
    fault = fault_of(request.caller, reason, missing=missing)
    if fault or not is_confirmed:
        shown_fault = fault if is_confirmed else ""
        return _confirm(request, search_id, kind, hits, shown_fault)
    done = deleted(request.caller, hits, kind, reason=reason, now=request.now)
    messages.success(request, result_words(kind, done.count))
    if done.held:
        messages.info(request, held_words(done.held))
    if done.is_unfinished:
        messages.error(request, _("There are more of them. Delete once more to go on."))
    return see_other(reverse("search-answer", args=[search_id]))


def _confirm(
    request: Request,
    search_id: str,
    kind: ContentKind,
    hits: Iterator[list[Item]],
    fault: str,
) -> HttpResponse:
    tally = tally_of(hits, kind)
    if not tally.count:
        said = (
            held_words(tally.held) if tally.held else _("None of these hits has any.")
        )
        return _told(request, search_id, said)
    page = ConfirmPage(
        action=request.path,
        what=kind.value,
        back=reverse("search-answer", args=[search_id]),
        count=tally.count,
        held=tally.held,
        without=tally.without,
        capped=tally.is_unfinished,
        fault=fault,
        reason=typed(request.POST, "reason"),
        hidden=travelling(request.POST),
    )
    if request.htmx:
        return render(request, "confirm_box.html", {"page": page})
    status = UNPROCESSABLE if fault else 200
    return shown(request, "confirm.html", page, here="search", status=status)


def _told(request: Request, search_id: str, said: str) -> HttpResponse:
    """Back to the hits, with a word about why nothing was done."""
    messages.info(request, said)
    back = reverse("search-answer", args=[search_id])
    if not request.htmx:
        return see_other(back)
    response = HttpResponse(status=204)
    response["HX-Redirect"] = back
    return response


routes = [path("search/<str:search_id>/act", act_on_hits, name="search-act")]
