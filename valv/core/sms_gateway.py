"""The SMS gateway, out of its URL: any that takes a POST of JSON.

``https`` only, save on this very machine. User and password in the URL are sent as
HTTP Basic (RFC 7617), a user alone as a bearer token (RFC 6750).
"""

from base64 import b64encode
from dataclasses import dataclass, field
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit, urlunsplit

from valv.core.errors import Malformed


@dataclass(frozen=True, slots=True)
class SmsGateway:
    """Where a text message is handed over; ``authorization`` is a header or empty."""

    url: str
    authorization: str = field(default="", repr=False)


def sms_gateway_from(url: str) -> SmsGateway:
    """Raises Malformed for what names no gateway, or one that is not safe."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise Malformed("It cannot be read as a URL.") from None
    host = parts.hostname or ""
    safe = parts.scheme == "https" or (parts.scheme == "http" and _is_here(host))
    if not host or not safe:
        raise Malformed("It begins with https:// and names a host.")
    shown = f"[{host}]" if ":" in host else host
    bare = urlunsplit((parts.scheme, shown + port, parts.path, parts.query, ""))
    return SmsGateway(bare, _authorization(parts.username, parts.password))


def _authorization(user: str | None, password: str | None) -> str:
    if not user:
        return ""
    if password is None:
        return f"Bearer {unquote(user)}"
    pair = f"{unquote(user)}:{unquote(password)}".encode()
    return f"Basic {b64encode(pair).decode()}"


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
