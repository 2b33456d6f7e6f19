"""Sending a secure link, the list of those that were sent, and ending one."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _

from valv.archive import queries
from valv.archive.detail import Part, parts_of
from valv.core.errors import (
    BadRequest,
    Busy,
    Conflict,
    Malformed,
    NotFound,
)
from valv.core.ids import id_from_text
from valv.core.interaction import ContentKind, ContentState
from valv.core.links import Limits
from valv.core.permissions import Right
from valv.portal import words
from valv.portal.builders.links import links_shown
from valv.portal.contexts.links import LinksPage, NewLinkPage
from valv.portal.doors import Request, see_other, signed_in
from valv.portal.frame import shown
from valv.portal.typed import typed
from valv.portal.views.contents import why_stated
from valv.portal.views.interaction import PLACE
from valv.sharing import sms
from valv.sharing.link_ends import cancel_link
from valv.sharing.links import Offer, send_link
from valv.sharing.mail import MailNotSent
from valv.sharing.sent_links import all_links

UNPROCESSABLE = 422
HERE = "links"
PAGE = 50
SEPARATOR, REASON = ":", "reason"


@signed_in(Right.LINKS, "GET", "POST")
def new_link(request: Request, interaction_id: str) -> HttpResponse:
    request.caller.require(Right.PLAY)
    parts = _shareable(request, interaction_id)
    if request.method != "POST":
        queries.see(request.caller, interaction_id, now=request.now)
        return _form(request, interaction_id, parts)
    try:
        offer = _offer(request)
        send_link(
            request.caller,
            id_from_text(interaction_id),
            offer,
            address_of=_address_of,
            now=request.now,
        )
    except Malformed as fault:
        return _form(request, interaction_id, parts, wrong=fault.field or "")
    except (Busy, Conflict, MailNotSent):
        messages.error(request, _("The link could not be sent. Send it again."))
    else:
        messages.success(request, _("The link is sent."))
    return see_other(reverse("interaction", args=[interaction_id]))


def _address_of(token: str) -> str:
    return f"{settings.VALV_PUBLIC_URL}{reverse('shared', args=[token])}"


def _shareable(request: Request, interaction_id: str) -> list[Part]:
    """What is there to be shared. Raises NotFound if nothing is."""
    parts = [
        part
        for part in parts_of(request.caller, interaction_id)
        if part.state is ContentState.PRESENT
        and not (part.restricted and not part.uses)
    ]
    if not parts:
        raise NotFound
    return parts


def _offer(request: Request) -> Offer:
    return Offer(
        places=tuple(map(_place, request.POST.getlist("contents"))),
        address=typed(request.POST, "address"),
        code_to=typed(request.POST, "code_to"),
        limits=Limits(_number(request, "days"), _number(request, "plays")),
        **why_stated(request),
    )


def _place(value: str) -> tuple[ContentKind, int]:
    kind, _mark, n = value.partition(SEPARATOR)
    if kind not in set(ContentKind) or not n.isdecimal():
        raise BadRequest("There is no such content.", field="contents")
    return ContentKind(kind), int(n)


def _number(request: Request, name: str) -> int:
    written = typed(request.POST, name, longest=4)
    return int(written) if written.isdecimal() else 0


def _form(
    request: Request,
    interaction_id: str,
    parts: list[Part],
    *,
    wrong: str | None = None,
) -> HttpResponse:
    places = tuple(_choice(part) for part in parts)
    sent = request.method == "POST"
    chosen = request.POST.getlist("contents") if sent else [places[0][0]]
    page = NewLinkPage(
        action=request.path,
        back=reverse("interaction", args=[interaction_id]),
        places=places,
        chosen=frozenset(chosen),
        address=typed(request.POST, "address"),
        code_to=typed(request.POST, "code_to"),
        days=typed(request.POST, "days") or "7",
        plays=typed(request.POST, "plays") or "5",
        reason=typed(request.POST, "reason"),
        uses=tuple(use.value for use in parts[0].uses),
        by_sms=sms.is_set_up(),
        faults=() if wrong is None else ((wrong, _said_of(wrong)),),
    )
    status = 200 if wrong is None else UNPROCESSABLE
    return shown(request, "link_new.html", page, here="search", status=status)


def _choice(part: Part) -> tuple[str, str]:
    kind = ContentKind.numbered(part.row.kind)
    name = words.word(words.KINDS, kind.value)
    numbered = kind is not ContentKind.CHAT_LOG
    value = f"{kind.value}{SEPARATOR}{part.row.n}"
    return value, f"{name} {part.row.n}" if numbered else name


def _said_of(field: str) -> str:
    return {
        "address": _("Write an e-mail address."),
        "code_to": _("Write an e-mail address, or a number that a code can go to."),
        "days": _("Choose 1 to 30 days."),
        "plays": _("Choose 1 to 50 times."),
        "contents": _("Choose what to share."),
        REASON: _("Write a reason, without phone numbers and e-mail addresses."),
    }.get(field, _("That could not be read."))


@signed_in(Right.LINKS)
def links(request: Request) -> HttpResponse:
    before = request.GET.get("before")
    found = all_links(
        request.caller,
        before=None if before is None else id_from_text(before),
        limit=PAGE + 1,
        now=request.now,
    )
    older = found[PAGE - 1].link.id if len(found) > PAGE else None
    page = LinksPage(links_shown(found[:PAGE]), next=older)
    return shown(request, "links.html", page, here=HERE)


@signed_in(Right.LINKS, "POST")
def cancel(request: Request, interaction_id: str, link: str) -> HttpResponse:
    number = id_from_text(link)
    cancel_link(request.caller, interaction_id, number, now=request.now)
    messages.success(
        request, _("The link leads nowhere any more; its copies are gone.")
    )
    if request.POST.get("back") == HERE:
        return see_other(reverse(HERE))
    return see_other(reverse("interaction", args=[interaction_id]))


routes = [
    path("links", links, name=HERE),
    path(f"{PLACE}/links/new", new_link, name="link-new"),
    path(f"{PLACE}/links/<str:link>/cancel", cancel, name="link-cancel"),
]
