"""What stands around a page: who is signed in, the pages open to them, their taste."""

from collections.abc import Mapping
from dataclasses import replace

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language

from valv.core.permissions import Right
from valv.portal.contexts.frame import Frame, Notice
from valv.portal.doors import caller_of

THEME_COOKIE = "theme"
THEMES = ("light", "dark", "system")
PAGES: Mapping[str, Right] = {
    "content-kept": Right.SETTINGS,
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
    "audit-log": Right.AUDIT,
    "anonymise": Right.PRIVACY,
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
        notices=_notices(request),
    )


def _notices(request: HttpRequest) -> tuple[Notice, ...]:
    """Words left by what was done before; each is shown once."""
    return tuple(
        Notice(KINDS.get(one.level or 0, "note"), str(one.message))
        for one in messages.get_messages(request)
    )
