"""The search page, which answers while one types.

A search goes by POST and is kept under an opaque id; its pages are read under that id
by nobody but who made it.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import path, reverse
from django.utils.translation import get_language

from valv.archive import queries, stored_searches
from valv.archive.queries import SearchAnswer
from valv.archive.search.run import Counted
from valv.archive.stored_searches import Typed
from valv.core.errors import Malformed
from valv.core.moments import local_date, zone_named
from valv.core.permissions import Right
from valv.core.retention import FOREVER, Days
from valv.core.search import COUNT_CAP, Count, SearchRequest
from valv.lifecycle import requests
from valv.portal.builders.hits import rows_of
from valv.portal.contexts.search import Hits, SearchForm, SearchPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.search_form import (
    USUAL_COLUMNS,
    columns_from,
    faults_of,
    form_of,
    request_of,
    typed,
)
from valv.storage import scope
from valv.tenants.queries import storage_times

HERE = "search"
COLUMNS = "columns"
UNPROCESSABLE = 422
_AFTER = re.compile(r"([^.]*)(?:\.([0-9]{1,6})(\+?))?", re.ASCII)


@signed_in(Right.SEE, "GET", "POST")
def search(request: Request) -> HttpResponseBase:
    if request.method == "POST":
        return _asked(request)
    late = requests.late(request.caller, now=request.now)
    page = SearchPage(_form(request, None), late_requests=late)
    return shown(request, "search.html", page, here=HERE)


def _asked(request: Request) -> HttpResponseBase:
    _choose_columns(request)
    asked = typed(request.POST, on=_today(request))
    try:
        wanted = request_of(asked, request.caller.tenant)
    except Malformed as error:
        return _faulty(request, asked, faults_of(error))
    if not request.htmx:
        return see_other(_address(_kept(request, asked)))
    # Whoever types may not have done so: the log waits for the last letter.
    answer = queries.page(request.caller, wanted, now=request.now, typing=True)
    search_id = _kept(request, asked)
    response = _fragment(request, _hits(request, search_id, wanted, answer))
    response["HX-Replace-Url"] = _address(search_id)
    return response


def _faulty(request: Request, asked: Typed, faults: dict[str, str]) -> HttpResponse:
    if request.htmx:
        return render(request, "search_fault.html", {"faults": faults.values()})
    page = SearchPage(_form(request, asked, faults))
    return shown(request, "search.html", page, here=HERE, status=UNPROCESSABLE)


@signed_in(Right.SEE)
def answer(request: Request, search_id: str) -> HttpResponseBase:
    asked = stored_searches.recall(request.caller, search_id, now=request.now)
    wanted = request_of(asked, request.caller.tenant)
    cursor, counted = _after(request)
    if cursor:
        wanted = replace(wanted, cursor=cursor, count=Count.NONE)
    found = queries.page(request.caller, wanted, now=request.now)
    if counted is not None:
        found = SearchAnswer(found.items, found.next, counted)
    hits = _hits(request, search_id, wanted, found)
    if request.htmx and not request.htmx.history_restore_request:
        return _fragment(request, hits)
    return shown(
        request, "search.html", SearchPage(_form(request, asked), hits), here=HERE
    )


def _after(request: Request) -> tuple[str, Counted | None]:
    """Where the page begins, and what the first page counted, for it is not repeated.

    The count is shown and used for nothing else, so it is taken on trust.
    """
    match = _AFTER.fullmatch(request.GET.get("after", ""))
    if match is None:
        raise Malformed("The cursor is not of this search.", field="after")
    cursor, count, capped = match.groups()
    if not count:
        return cursor, None
    return cursor, Counted(min(int(count), COUNT_CAP), capped=bool(capped))


def _next(found: SearchAnswer) -> str:
    if found.next is None or found.count is None:
        return found.next or ""
    return f"{found.next}.{found.count.value}{'+' if found.count.capped else ''}"


def _hits(
    request: Request, search_id: str, wanted: SearchRequest, found: SearchAnswer
) -> Hits:
    caller, count = request.caller, found.count
    may_many = caller.may(Right.BULK)
    may_download = may_many and caller.may(Right.DOWNLOAD)
    may_delete = may_many and caller.may(Right.DELETE)
    zone = zone_named(caller.tenant.timezone)
    return Hits(
        search_id=search_id,
        rows=rows_of(found.items, zone=zone, language=get_language() or "en"),
        columns=_columns(request),
        count=count.value - count.capped if count else None,
        capped=count.capped if count else False,
        next=_next(found),
        first=wanted.cursor is None,
        past_storage=_past_storage(request, wanted),
        by_person=bool(wanted.patterns),
        may_download_recordings=may_download,
        may_delete_recordings=may_delete,
        may_download_chat_logs=may_download,
        may_delete_chat_logs=may_delete,
        may_open_restricted=may_download and caller.may(Right.RESTRICTED),
        may_export=may_many and caller.may(Right.EXPORT),
        may_hold=may_many and caller.may(Right.HOLDS),
        may_anonymise=may_many and caller.may(Right.PRIVACY),
    )


def _past_storage(request: Request, wanted: SearchRequest) -> date | None:
    """The first day still stored, if the first page of a search begins before it."""
    if wanted.start is None or wanted.cursor is not None:
        return None
    days = _days_stored(request.caller.tenant.id, int(request.now.timestamp()) // 60)
    if days is FOREVER:
        return None
    first = _today(request) - timedelta(days=days)
    zone = zone_named(request.caller.tenant.timezone)
    return first if local_date(wanted.start, zone=zone) < first else None


@lru_cache(maxsize=1024)
def _days_stored(tenant_id: int, minute: int) -> Days:  # noqa: ARG001 - how long it keeps
    """How long general information is stored; for a notice, so a minute old will do."""
    with scope.reading(tenant_id):
        return storage_times().general


def _form(
    request: Request, asked: Typed | None, faults: dict[str, str] | None = None
) -> SearchForm:
    return form_of(
        asked,
        columns=_columns(request),
        queues=queries.queues(request.caller),
        agents=queries.agents(request.caller),
        topics=queries.topics(request.caller),
        faults=faults,
    )


def _fragment(request: Request, hits: Hits) -> HttpResponse:
    return render(request, "search_hits.html", {"hits": hits, "fragment": True})


def _kept(request: Request, asked: Typed) -> str:
    return stored_searches.keep(request.caller, asked, now=request.now)


def _address(search_id: str) -> str:
    return reverse("search-answer", args=[search_id])


def _choose_columns(request: Request) -> None:
    """The choice stays with the session until another is made."""
    chosen = columns_from(request.POST)
    if chosen is not None and chosen != _columns(request):
        request.session[COLUMNS] = list(chosen)


def _columns(request: Request) -> tuple[str, ...]:
    return tuple(request.session.get(COLUMNS, USUAL_COLUMNS))


def _today(request: Request) -> date:
    zone = zone_named(request.caller.tenant.timezone)
    return local_date(request.now, zone=zone)


routes = [
    path("search", search, name="search"),
    path("search/<str:search_id>", answer, name="search-answer"),
]
