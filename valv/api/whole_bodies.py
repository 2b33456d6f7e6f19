"""Whether a body arrived whole, when its length was not said beforehand.

The server tells the end of a body in chunks and a lost connection apart nowhere, so
half a recording would look like a whole one. Such a body has to vouch for itself.
"""

import base64
import binascii
import re
from collections.abc import Mapping

from django.http import HttpRequest

from valv.api.bodies import length_of
from valv.api.errors import LengthRequired
from valv.core.errors import BadRequest

HEADER = "Content-Digest"
MEMBER = re.compile(r"\s*([a-z0-9-]+)=:([A-Za-z0-9+/=]*):\s*(?:;[^,]*)?")


def stated_digests(request: HttpRequest) -> dict[str, bytes]:
    """The sums of the request's Content-Digest (RFC 9530) that are known here.

    Raises LengthRequired for a body in chunks without one, BadRequest for a header
    that cannot be read.
    """
    stated = _read(request.headers.get(HEADER, ""))
    if length_of(request) is None and not stated:
        raise LengthRequired
    return stated


def _read(header: str) -> dict[str, bytes]:
    found = (MEMBER.fullmatch(member) for member in header.split(",") if member.strip())
    known: dict[str, bytes] = {}
    for match in found:
        if match is None:
            raise BadRequest("The Content-Digest cannot be read.")
        if match[1] in {"sha-256", "sha-512"}:
            known[match[1]] = _decoded(match[2])
    return known


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        raise BadRequest("The Content-Digest cannot be read.") from None


def check_digests(stated: Mapping[str, bytes], came: Mapping[str, bytes]) -> None:
    """Raises BadRequest if the bytes that came are not those that were stated."""
    if any(came[name] != digest for name, digest in stated.items()):
        raise BadRequest("The body is not what its Content-Digest says.")
