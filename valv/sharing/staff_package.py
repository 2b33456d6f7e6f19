"""What is held about one user, and what they did, as a zip to be given to them.

A page to be read and the same as JSON, both made as they are sent. Whom an act was
about is told by the interaction's id alone: that is somebody else's data.
"""

from collections.abc import Iterator
from datetime import datetime
from html import escape
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
from django.db.models import Q
from zipstream import ZipStream

from valv.archive import mentions
from valv.audit.actions import Action
from valv.audit.models import Entry
from valv.audit.operations import Act, record
from valv.core.moments import format_moment
from valv.core.people import ActorType
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.access import Caller
from valv.tenants.models import User
from valv.tenants.staff import user_by_number

CONTENT = "staff_package"
MEDIA_TYPE = "application/zip"
AT_ONCE = 500
COLUMNS = ("at", "action", "interaction_id", "content", "reason")
HEAD = """<!doctype html><html lang="en"><head><meta charset="utf-8">
<title>What is held about a user</title></head><body><h1>What is held about a user</h1>
"""


def staff_package(
    caller: Caller, user_id: int, *, now: datetime, zone: ZoneInfo
) -> Iterator[bytes]:
    """The bytes of the zip; entered before the first. Raises Forbidden, NotFound."""
    caller.require(Right.USERS)
    user = user_by_number(caller.tenant, user_id)
    with scope.writing(caller.tenant.id):
        details = {"form": "zip", "user": user_id}
        act = Act(Action.EXPORT, content=CONTENT, details=details)
        record(act, actor=caller.actor, now=now)
    return _zip(caller.tenant.id, user, zone)


def _zip(tenant_id: int, user: User, zone: ZoneInfo) -> Iterator[bytes]:
    archive = ZipStream()
    archive.add(_json(tenant_id, user), "user.json")
    archive.add(_html(tenant_id, user, zone), "user.html")
    yield from archive.finalize()


def _held(user: User) -> dict[str, Any]:
    return {
        "user": user.id,
        "name": user.name,
        "email": user.email,
        "rights": user.rights,
        "language": user.language,
        "is_active": user.is_active,
        "created_at": format_moment(user.created_at),
        "left_at": None if user.left_at is None else format_moment(user.left_at),
        "last_login": None if user.last_login is None else user.last_login.isoformat(),
    }


def _entries(tenant_id: int, user: User) -> Iterator[Entry]:
    """What they did, and what was done to their user, oldest first."""
    last = 0
    theirs = Q(actor_id=user.id, actor_type=ActorType.INTERNAL.value)
    while True:
        with scope.reading(tenant_id):
            found = Entry.objects.filter(theirs, id__gt=last).order_by("id")[:AT_ONCE]
            listed = list(found)
            mentions.spell_out(tenant_id, listed, "reason")
        yield from listed
        if len(listed) < AT_ONCE:
            return
        last = listed[-1].id


def _told(entry: Entry) -> dict[str, Any]:
    about = entry.interaction_id
    return {
        "at": format_moment(entry.at),
        "action": entry.action,
        "interaction_id": None if about is None else str(about),
        "content": entry.content,
        "reason": entry.reason,
        "details": entry.details,
    }


def _json(tenant_id: int, user: User) -> Iterator[bytes]:
    yield b'{"user":' + msgspec.json.encode(_held(user)) + b',"acts":['
    for n, entry in enumerate(_entries(tenant_id, user)):
        yield (b"," if n else b"") + b"\n" + msgspec.json.encode(_told(entry))
    yield b"\n]}\n"


def _html(tenant_id: int, user: User, zone: ZoneInfo) -> Iterator[bytes]:
    facts = "".join(
        f"<dt>{name}</dt><dd>{escape(str(value))}</dd>"
        for name, value in _held(user).items()
    )
    heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
    yield f"{HEAD}<dl>{facts}</dl><table><tr>{heads}</tr>\n".encode()
    for entry in _entries(tenant_id, user):
        told = _told(entry) | {"at": f"{entry.at.astimezone(zone):%Y-%m-%d %H:%M:%S}"}
        cells = "".join(f"<td>{escape(str(told[one] or ''))}</td>" for one in COLUMNS)
        yield f"<tr>{cells}</tr>\n".encode()
    yield b"</table></body></html>\n"
