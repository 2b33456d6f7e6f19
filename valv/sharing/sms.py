"""One text message, handed to the gateway from memory, or not sent at all.

A POST of ``{"to": "+46701234567", "text": "…"}``; 2xx means that it was taken. Nothing
is queued, no redirect is followed, and no error repeats what was in it.
"""

from http.client import HTTPConnection, HTTPException, HTTPSConnection
from urllib.parse import urlsplit

import msgspec
from django.conf import settings

from valv.core.errors import Busy
from valv.core.sms_gateway import SmsGateway
from valv.sharing.mail import MailNotSent

SECONDS = 10.0
LASTING = 500  # from here on it may be another answer the next time
TOO_MANY = 429


class SmsNotSent(MailNotSent):
    """There is no gateway, or it did not take the message; it was kept nowhere."""

    title = "SMS not sent"


def is_set_up() -> bool:
    return settings.VALV_SMS_GATEWAY is not None


def send(to: str, text: str) -> None:
    """Hand a message over. Raises Busy or SmsNotSent."""
    gateway: SmsGateway | None = settings.VALV_SMS_GATEWAY
    if gateway is None:
        raise SmsNotSent("No SMS gateway is set up. Nothing was sent or kept.")
    try:
        status = _status_of(gateway, msgspec.json.encode({"to": to, "text": text}))
    except (OSError, HTTPException):
        raise Busy("The SMS gateway cannot be reached. Send it again.") from None
    if status >= LASTING or status == TOO_MANY:
        raise Busy("The SMS gateway asks to wait. Send it again.")
    if not 200 <= status < 300:
        raise SmsNotSent("The SMS gateway did not take it. Nothing was kept.")


def _status_of(gateway: SmsGateway, body: bytes) -> int:
    parts = urlsplit(gateway.url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    place = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    headers = {"Content-Type": "application/json", "Connection": "close"}
    if gateway.authorization:
        headers["Authorization"] = gateway.authorization
    try:
        connection.request("POST", place, body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
