"""What a file is called when it leaves: when, which session, which part.

Never a phone number or a name: a file name ends up in folders, mails and logs. Only for
many that leave together may a tenant have a pattern of its own (``core.file_names``).
"""

from datetime import datetime
from zoneinfo import ZoneInfo

from valv.archive.items import Item
from valv.core.file_names import USUAL, named

MEDIA_TYPES = {"mp3": "audio/mpeg"}


def media_type_of(form: str) -> str:
    """The media type of a recording that is kept as ``form``."""
    return MEDIA_TYPES.get(form, f"audio/{form}")


def file_name(
    session_id: str, *, started_at: datetime, zone: ZoneInfo, part: str
) -> str:
    """``2026-11-23_140500_SESSION_PART``, in the tenant's own time."""
    facts = {"session": session_id, "n": part} | _when(started_at, zone)
    return named(USUAL, facts)


def name_by(
    pattern: str, item: Item, *, started_at: datetime, zone: ZoneInfo, part: str
) -> str:
    """What one of many is called by a tenant's pattern; ``part`` says which it is."""
    facts = {
        "session": item.session_id,
        "id": item.id,
        "n": part,
        "queue": item.queue or "",
        "agent": item.agents[0] if item.agents else "",
        "number": item.identifiers.phone or "",
    }
    return named(pattern, facts | _when(started_at, zone))


def _when(started_at: datetime, zone: ZoneInfo) -> dict[str, str]:
    at = started_at.astimezone(zone)
    return {"date": f"{at:%Y-%m-%d}", "time": f"{at:%H%M%S}"}
