"""The access log as a page; reading it is itself entered in the audit log."""

import re

from django.http import HttpResponse
from django.urls import path
from django.utils.translation import gettext_lazy as _

from valv.core.errors import BadRequest
from valv.core.ids import from_unix_ms, unix_ms
from valv.core.permissions import Right
from valv.portal.contexts.account import AccessLogPage, ShownAccess
from valv.portal.doors import Request, signed_in
from valv.portal.frame import shown
from valv.tenants.access_log import LATEST, Access, Key, accesses
from valv.tenants.signin_settings import rules_of

HERE = "access-log"
CURSOR = re.compile(r"([0-9]{1,15})\.([0-9]{1,18})", re.ASCII)
UNKNOWN = _("Unknown")


@signed_in(Right.USERS)
def access_log(request: Request) -> HttpResponse:
    found = accesses(
        request.caller,
        limit=LATEST,
        before=_before(request.GET.get("before", "")),
        now=request.now,
    )
    page = AccessLogPage(
        items=tuple(_shown(one) for one in found),
        days=rules_of(request.caller.tenant).log_days,
        next=_cursor(found[-1]) if len(found) == LATEST else "",
    )
    return shown(request, "access_log.html", page, here=HERE)


def _before(cursor: str) -> Key | None:
    if not cursor:
        return None
    match = CURSOR.fullmatch(cursor)
    if match is None:
        raise BadRequest("The cursor is not of this list.", field="before")
    return from_unix_ms(int(match[1])), int(match[2])


def _cursor(one: Access) -> str:
    return f"{unix_ms(one.at)}.{one.id}"


def _shown(one: Access) -> ShownAccess:
    return ShownAccess(
        at=one.at,
        user=one.user or str(UNKNOWN),
        how=one.how,
        went_well=one.went_well,
        browser=one.browser,
        network=one.network,
    )


routes = [path("access-log", access_log, name=HERE)]
