"""What a file is called when it leaves: when, which session, which part.

Never a phone number or a name: a file name ends up in folders, mails and logs.
"""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

LONGEST_SESSION = 80
MEDIA_TYPES = {"mp3": "audio/mpeg"}


def media_type_of(form: str) -> str:
    """The media type of a recording that is kept as ``form``."""
    return MEDIA_TYPES.get(form, f"audio/{form}")


def file_name(
    session_id: str, *, started_at: datetime, zone: ZoneInfo, part: str
) -> str:
    """``2026-11-23_140500_SESSION_PART``, in the tenant's own time."""
    at = started_at.astimezone(zone).strftime("%Y-%m-%d_%H%M%S")
    session = re.sub(r"[^A-Za-z0-9.-]+", "-", session_id)[:LONGEST_SESSION]
    return f"{at}_{session.strip('.-') or 'session'}_{part}"
