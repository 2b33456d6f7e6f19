"""Acts on many hits: take general information out, or plan a job on them.

The hits are the chosen ones, or all of a search. A spreadsheet is made as it is sent,
with one entry in the audit log; all else is a job: planned here, and looked at first.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain

import msgspec
from django.contrib import messages
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries, stored_searches
from valv.archive.chosen import chosen, chosen_ids
from valv.archive.exports import enter_export
from valv.archive.items import Item
from valv.archive.stored_searches import Typed
from valv.core.errors import BadRequest
from valv.core.interaction import ContentKind
from valv.core.moments import zone_named
from valv.core.permissions import Right
from valv.core.search import HIGHEST_LIMIT, Count, SearchRequest
from valv.lifecycle import jobs, planning
from valv.lifecycle.plans import EVERYTHING, Options
from valv.lifecycle.receipts import DELETE, DOWNLOAD, FORGET
from valv.portal.bulk import ALL
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.files import attached
from valv.portal.holding import place_on_hits
from valv.portal.search_form import request_of
from valv.portal.typed import typed
from valv.sharing import workbook
from valv.sharing.spreadsheet import spreadsheet
from valv.sharing.transfers import Way

RECORDINGS, CHAT_LOGS = (ContentKind.RECORDING,), (ContentKind.CHAT_LOG,)


@dataclass(frozen=True, slots=True)
class Act:
    """A job of a kind, with the right it needs besides that to act on many."""

    right: Right
    job: str
    options: Options


ACTS = {
    "download-recordings": Act(Right.DOWNLOAD, DOWNLOAD, Options(take=RECORDINGS)),
    "download-chat-logs": Act(Right.DOWNLOAD, DOWNLOAD, Options(take=CHAT_LOGS)),
    "delete-recordings": Act(Right.DELETE, DELETE, Options(delete=RECORDINGS)),
    "delete-chat-logs": Act(Right.DELETE, DELETE, Options(delete=CHAT_LOGS)),
    "anonymise": Act(Right.PRIVACY, FORGET, Options(anonymise=True, delete=EVERYTHING)),
}
RIGHTS = {"xlsx": Right.EXPORT, "hold": Right.HOLDS}  # what is no job
PAGES = {FORGET: "anonymise-job"}


@signed_in(Right.SEE, "POST", transfers=Way.OUT)
def act_on_hits(request: Request, search_id: str) -> HttpResponseBase:
    request.caller.require(Right.BULK)
    asked = stored_searches.recall(request.caller, search_id, now=request.now)
    action = request.POST.get("action", "")
    act = ACTS.get(action)
    right = RIGHTS.get(action) if act is None else act.right
    if right is None:
        raise BadRequest("There is no such act.", field="action")
    request.caller.require(right)
    if not _is_all(request) and not request.POST.getlist("id"):
        return _told(request, search_id, _("Nothing is selected."))
    if right is Right.HOLDS:
        return place_on_hits(request, search_id, asked, _hits(request, asked))
    if act is None:
        return _spreadsheet(request, asked)
    return _plan(request, search_id, asked, act)


def _is_all(request: Request) -> bool:
    return request.POST.get("scope") == ALL


def _wanted(request: Request, asked: Typed) -> SearchRequest:
    wanted = request_of(asked, request.caller.tenant)
    return replace(wanted, limit=HIGHEST_LIMIT, count=Count.NONE)


def _how(request: Request, asked: Typed) -> list[str]:
    """How what is acted on was found, without a value."""
    if not _is_all(request):
        return ["chosen"]
    return sorted(queries.kinds_of(request_of(asked, request.caller.tenant)))


def _plan(request: Request, search_id: str, asked: Typed, act: Act) -> HttpResponse:
    """List the hits as they are now; what is to happen to them is looked at first."""
    pages = iter([chosen_ids(request.POST.getlist("id"))])
    if _is_all(request):
        wanted = _wanted(request, asked)
        pages = queries.walk_ids(request.caller, wanted, now=request.now)
    job = planning.plan(
        request.caller,
        planning.Wanted(
            kind=act.job,
            pages=pages,
            by=tuple(_how(request, asked)),
            options=_options(request, act),
            is_reasoned=False,
        ),
        now=request.now,
    )
    if act.job != FORGET and not job.places.get("with_content"):
        jobs.cancel(request.caller.tenant, job.id)
        return _told(request, search_id, _("None of these hits has any."))
    return see_other(reverse(PAGES.get(act.job, "job"), args=[job.id]))


def _options(request: Request, act: Act) -> Options:
    if act.job != DOWNLOAD:
        return act.options
    purpose = request.POST.get("purpose", "")[:20]
    return msgspec.structs.replace(act.options, purpose=purpose)


def _hits(request: Request, asked: Typed) -> Iterator[list[Item]]:
    """What is exported, a page at a time, each read when it is its turn."""
    if not _is_all(request):
        return iter([chosen(request.caller, request.POST.getlist("id"))])
    return queries.walk(request.caller, _wanted(request, asked), now=request.now)


def _spreadsheet(request: Request, asked: Typed) -> HttpResponseBase:
    hits = _hits(request, asked)
    first = next(hits)
    details = {"form": "xlsx", "by": _how(request, asked)}
    reason = typed(request.POST, "reason")
    enter_export(request.caller, details, reason=reason, now=request.now)
    items = chain.from_iterable(chain([first], hits))
    zone = zone_named(request.caller.tenant.timezone)
    stream = spreadsheet(items, zone=zone)
    return attached(request, stream, "interactions", "xlsx", workbook.MEDIA_TYPE)


def _told(request: Request, search_id: str, said: str) -> HttpResponse:
    """Back to the hits, with a word about why nothing was done."""
    messages.info(request, said)
    return see_other(reverse("search-answer", args=[search_id]))


routes = [path("search/<str:search_id>/act", act_on_hits, name="search-act")]
