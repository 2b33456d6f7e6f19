"""What stands around a page: who is signed in, the pages open to them, their taste."""

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.portal.contexts.frame import Frame, Notice
from valv.portal.doors import caller_of, clock
from valv.tenants.access import Caller
from valv.tenants.support import in_use, is_at_the_desk

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "system")
PAGES: Mapping[str, Right] = {
    "content-kept": Right.SETTINGS,
    "file-names": Right.SETTINGS,
    "sign-in-settings": Right.USERS,
    "access-log": Right.USERS,
    "users": Right.USERS,
    "user-groups": Right.USERS,
    "search": Right.SEE,
    "links": Right.LINKS,
    "surveys": Right.SURVEYS,
    "raw-data": Right.RAW_DATA,
    "completeness": Right.RAW_DATA,
    "tonight": Right.RETENTION,
    "storage-times": Right.RETENTION,
    "processing-record": Right.RETENTION,
    "deletion-report": Right.RETENTION,
    "audit-log": Right.AUDIT,
    "support-access": Right.SUPPORT,
    "anonymise": Right.PRIVACY,
    "holds": Right.HOLDS,
    "jobs": Right.BULK,
    "subject-access": Right.PRIVACY,
    "restrictions": Right.PRIVACY,
    "requests": Right.PRIVACY,
    "change-log": Right.AUDIT,
    "staff": Right.USERS,
    "recording-rules": Right.RETENTION,
    "topics": Right.SETTINGS,
    "masking": Right.SETTINGS,
    "tokens": Right.TOKENS,
    "reasons": Right.SETTINGS,
}
KINDS = {messages.SUCCESS: "done", messages.ERROR: "fault"}


def shown(
    request: HttpRequest,
    template: str,
    page: object,
    *,
    here: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page in its frame; ``here`` is the URL name of its place in the menu."""
    context = {"frame": frame_of(request, here=here), "page": page}
    return render(request, template, context, status=status)


def frame_of(request: HttpRequest, *, here: str = "") -> Frame:
    caller = caller_of(request)
    theme = request.COOKIES.get(THEME_COOKIE, "")
    frame = Frame(
        language=(get_language() or "en")[:2],
        theme=theme if theme in THEMES else "system",
    )
    if caller is None:
        return frame
    return replace(
        frame,
        here=here,
        pages=frozenset(name for name, right in PAGES.items() if caller.may(right)),
        person=caller.actor.name,
        tenant=caller.tenant.name,
        support=_support(caller),
        is_support=caller.actor.type is ActorType.SUPPORT,
        notices=_notices(request),
    )


def _support(caller: Caller) -> str:
    """Said over every page while support access is in use; empty if it is not."""
    if caller.actor.type is ActorType.SUPPORT:
        said = _("Support access: all you do here is in the log of %(tenant)s.")
        return "" if is_at_the_desk(caller) else said % {"tenant": caller.tenant.name}
    if not caller.may(Right.SUPPORT):
        return ""
    names = ", ".join(in_use(caller, now=clock()))
    return _("Support is here now: %(names)s") % {"names": names} if names else ""


def _notices(request: HttpRequest) -> tuple[Notice, ...]:
    """Words left by what was done before; each is shown once."""
    return tuple(
        Notice(KINDS.get(one.level or 0, "note"), str(one.message))
        for one in messages.get_messages(request)
    )
