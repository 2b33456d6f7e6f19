"""Asking a tenant's provider over HTTP: JSON, in time, of bounded size, no redirects.

Only https, save where Valv itself is served without on this very machine.
"""

from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from time import monotonic
from typing import Any
from urllib.parse import urlencode, urlsplit

import msgspec
from django.conf import settings

from valv.core.web_addresses import is_loopback, is_safe

SECONDS = 10.0
LARGEST, PIECE = 1024 * 1024, 16 * 1024
OK = 200


class NoAnswer(Exception):
    """The provider did not answer as it should; the message quotes nothing of it."""


def get_json(url: str, **headers: str) -> dict[str, Any]:
    """Raises NoAnswer."""
    return _asked("GET", url, None, headers)


def post_form(url: str, fields: Mapping[str, str], **headers: str) -> dict[str, Any]:
    """Raises NoAnswer."""
    headers["Content-Type"] = "application/x-www-form-urlencoded"
    return _asked("POST", url, urlencode(fields).encode(), headers)


def may_be_asked(url: str) -> bool:
    if not is_safe(url):
        return False
    ours = urlsplit(settings.VALV_PUBLIC_URL)
    here = ours.scheme == "http" and is_loopback(ours.hostname or "")
    return urlsplit(url).scheme == "https" or here


def _asked(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str]
) -> dict[str, Any]:
    if not may_be_asked(url):
        raise NoAnswer("its address may not be asked")
    ends, parts = monotonic() + SECONDS, urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=SECONDS)
    place = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    sent = {"Accept": "application/json", "User-Agent": "valv", **headers}
    try:
        connection.request(method, place, body, sent)
        answer = connection.getresponse()
        if answer.status != OK:
            raise NoAnswer(f"it answered {answer.status}")
        return msgspec.json.decode(_read(answer, ends), type=dict[str, Any])
    except (OSError, HTTPException, ValueError, msgspec.DecodeError) as error:
        raise NoAnswer(f"no answer ({type(error).__name__})") from None
    finally:
        connection.close()


def _read(answer: HTTPResponse, ends: float) -> bytes:
    pieces, size = [], 0
    while piece := answer.read1(PIECE):
        pieces.append(piece)
        size += len(piece)
        if size > LARGEST or monotonic() > ends:
            raise NoAnswer("its answer is too long, or too slow")
    return b"".join(pieces)
