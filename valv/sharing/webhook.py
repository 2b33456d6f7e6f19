"""Telling another system: a signed POST, once, within seconds, and nowhere else.

Follows no redirect and reads no more of the answer than its status. An answer that is
not 2xx, late or none at all is ``NotTaken``; why is told in words that quote nothing.

The signature is that of the secret over time and body, so that neither can be altered
nor the whole be sent again later: ``Valv-Signature: t=UNIX,v1=HEX``, HMAC-SHA-256 over
``UNIX.BODY``.
"""

import hashlib
import hmac
import re
from datetime import datetime
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from time import monotonic
from urllib.parse import urlsplit

SECONDS = 10.0
MOST_READ = 256
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3})[ \r]")


class NotTaken(Exception):
    """It was not taken; the message says why, and may be shown."""


def post(url: str, body: bytes, *, secret: str, at: datetime) -> None:
    """Send a JSON body. Raises NotTaken."""
    ends = monotonic() + SECONDS
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    place = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "valv",
        "Connection": "close",
        "Valv-Signature": signature(body, secret=secret, at=at),
    }
    try:
        connection.request("POST", place, body, headers)
        status = _status(connection, ends)
    except (OSError, HTTPException, ValueError) as error:
        raise NotTaken(f"no answer ({type(error).__name__})") from None
    finally:
        connection.close()
    if not 200 <= status < 300:
        raise NotTaken(f"status {status}")


def signature(body: bytes, *, secret: str, at: datetime) -> str:
    stamp = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256)
    return f"t={stamp},v1={signed.hexdigest()}"


def _status(connection: HTTPConnection, ends: float) -> int:
    """The answer's status, however slowly it drips, until time is over."""
    read = b""
    while len(read) < MOST_READ:
        match = _STATUS.match(read)
        if match:
            return int(match[1])
        left = ends - monotonic()
        if left <= 0 or connection.sock is None:
            raise TimeoutError
        connection.sock.settimeout(left)
        piece = connection.sock.recv(MOST_READ - len(read))
        if not piece:
            raise ConnectionError
        read += piece
    raise HTTPException
