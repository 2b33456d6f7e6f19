"""The mail server, out of its URL: where it is, who signs in, and how it is protected.

``smtps`` is TLS from the first byte. ``smtp`` demands STARTTLS, save on this very
machine, where nobody listens in; ``?tls=off`` says that a line of one's own is to go
without. There is no taking what is offered: a mail is safe, or is not sent.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from ipaddress import ip_address
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from valv.core.errors import Malformed

PORTS: Final = {"smtp": 25, "smtps": 465}


class Security(StrEnum):
    """How the line to the server is protected."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail is handed over."""

    host: str
    port: int
    security: Security
    user: str = ""
    password: str = field(default="", repr=False)


def mail_server_from(url: str) -> MailServer:
    """Raises Malformed for what names no mail server."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise Malformed("It cannot be read as a URL.") from None
    asked = parse_qs(parts.query, keep_blank_values=True)
    known = asked in ({}, {"tls": ["off"]})
    if parts.scheme not in PORTS or not parts.hostname or not known:
        raise Malformed("It begins with smtp:// or smtps:// and names a host.")
    return MailServer(
        parts.hostname,
        port or PORTS[parts.scheme],
        _security(parts.scheme, parts.hostname, off=bool(asked)),
        unquote(parts.username or ""),
        unquote(parts.password or ""),
    )


def _security(scheme: str, host: str, *, off: bool) -> Security:
    if scheme == "smtps":
        return Security.TLS
    return Security.NONE if off or _is_here(host) else Security.STARTTLS


def _is_here(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
