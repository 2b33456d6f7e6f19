"""The topics that agents may register: shown, and set."""

from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.archive.topics import Named
from valv.core.errors import Malformed
from valv.core.permissions import Right
from valv.intake.registration import set_topics, setting_in_force
from valv.portal.builders.topics import topics_from, typed_from, typed_of, undefined
from valv.portal.contexts.topics import TopicsPage, TypedCategory
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.tenants.access import Caller

HERE = "topics"
UNPROCESSABLE = 422


@signed_in(Right.SETTINGS, "GET", "POST")
def topics(request: Request) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    typed = typed_from(request.POST)
    refuse = "refuse_undefined" in request.POST
    try:
        listed = topics_from(typed, refuse_undefined=refuse)
        set_topics(request.caller, listed, now=request.now)
    except Malformed:
        return _page(request, typed=typed, refuse=refuse)
    messages.success(request, _("The topics are saved, and hold from now on."))
    return see_other(reverse(HERE))


def _page(
    request: Request,
    *,
    typed: tuple[TypedCategory, ...] | None = None,
    refuse: bool = False,
) -> HttpResponse:
    listed, row = setting_in_force(request.caller)
    faulty = typed is not None
    page = TopicsPage(
        categories=typed_of(listed) if typed is None else typed,
        refuse_undefined=refuse if faulty else listed.refuse_undefined,
        undefined=undefined(listed, _picked(request.caller)),
        changed_at=row.since if row else None,
        changed_by=row.set_by if row else "",
        fault=_fault() if faulty else "",
    )
    status = UNPROCESSABLE if faulty else 200
    return shown(request, "topics.html", page, here=HERE, status=status)


def _picked(caller: Caller) -> list[Named]:
    return queries.topics(caller) if caller.may(Right.SEE) else []


def _fault() -> str:
    return _(
        "Not saved: each category has at least one topic, no word stands twice in one "
        "place, none holds a phone number, and only what has a list can be refused."
    )


routes = [path("topics", topics, name=HERE)]
