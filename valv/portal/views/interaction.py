"""One interaction: its page, and the stable link by the source's session id."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseRedirect
from django.shortcuts import render
from django.urls import path, reverse

from valv.archive.access import by_session
from valv.archive.detail import life_of_one, see_detail
from valv.core.errors import NotFound
from valv.core.permissions import Right
from valv.intake.registration import topics
from valv.lifecycle.held import matters_over
from valv.portal.builders.interaction import interaction_page, life_shown
from valv.portal.builders.links import links_shown
from valv.portal.contexts.interaction import Content
from valv.portal.contexts.raw_data import RawEvents
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.sharing.sent_links import links_of
from valv.storage import scope

PLACE = "interactions/<str:interaction_id>"


@signed_in(Right.SEE)
def interaction(request: Request, interaction_id: str) -> HttpResponse:
    """One entry in the audit log; nothing that was said is loaded."""
    return whole_page(request, interaction_id)


@signed_in(Right.SEE)
def life(request: Request, interaction_id: str) -> HttpResponse:
    """Whether there is news of what a page shows; asked again and again, by the page.

    204 as long as there is none. It tells nothing of anybody, so it is no sight.
    """
    state, updated_at = life_of_one(request.caller, interaction_id)
    shown_now = life_shown(state, updated_at, before=request.GET.get("seen", ""))
    if not shown_now.news:
        return HttpResponse(status=204)
    page = {"id": interaction_id, "life": shown_now}
    return render(request, "interaction_life.html", {"page": page})


@signed_in(Right.SEE)
def session(request: Request, session_id: str) -> HttpResponse:
    """Lead from the source's name for it to the page, which notes the sight."""
    if "\0" in session_id:
        raise NotFound
    with scope.reading(request.caller.tenant.id):
        found = by_session(request.caller, session_id)
    return HttpResponseRedirect(reverse("interaction", args=[found.id]))


def whole_page(
    request: Request,
    interaction_id: str,
    *,
    opened: Content | None = None,
    raw: RawEvents | None = None,
) -> HttpResponse:
    """The page, with the one thing in it that was asked to be heard or seen."""
    detail = see_detail(request.caller, interaction_id, now=request.now)
    page = interaction_page(
        detail,
        request.caller,
        now=request.now,
        topics=topics(request.caller.tenant),
        back=_search_before(request),
        opened=opened,
        raw=raw,
        matters=matters_over(request.caller, interaction_id),
        links=links_shown(links_of(request.caller, interaction_id, now=request.now)),
    )
    return shown(request, "interaction.html", page, here="search")


def content_alone(
    request: Request, interaction_id: str, opened: Content
) -> HttpResponse:
    """The content that was asked for, to take its place on the page; else the page."""
    if not request.htmx:
        return whole_page(request, interaction_id, opened=opened)
    context = {"page": {"id": interaction_id}, "content": opened}
    return render(request, "interaction_content.html", context)


def _search_before(request: HttpRequest) -> str:
    """The search one came from, if one came from a search of ours."""
    before = urlsplit(request.headers.get("Referer", ""))
    is_ours = before.netloc == request.get_host()
    return before.path if is_ours and before.path.startswith("/search/") else ""


routes = [
    path(PLACE, interaction, name="interaction"),
    path(f"{PLACE}/state", life, name="interaction-life"),
    path("s/<path:session_id>", session, name="by-session"),
]
