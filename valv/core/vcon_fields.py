"""The fields of a vCon under all the names they have had, and its encodings.

Names changed over the drafts (mimetype to mediatype, alg and signature to
content_hash, must_support to critical, an attachment's type to purpose); a reader
accepts them all. Bodies are base64url, JSON or plain. Nothing is ever fetched.
"""

import base64
import binascii
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, TypeGuard
from urllib.parse import urlsplit

import msgspec

from valv.core.errors import Malformed

# A JSON object of unknown make; every value in it is looked at before it is used.
Object = Mapping[str, Any]
_SHA512_BYTES = 64


def objects(vcon: Object, name: str) -> list[Object]:
    """A list of objects; what is no object counts as an empty one, to keep indices."""
    found = vcon.get(name)
    if found is None:
        return []
    if not isinstance(found, list):
        raise Malformed("It is not a list.", field=name)
    return [item if isinstance(item, Mapping) else {} for item in found]


def text(item: Object, *names: str) -> str | None:
    """The first of these fields that is a text and not empty."""
    for name in names:
        value = item.get(name)
        if isinstance(value, str) and value.strip():
            return value.strip()
    return None


def number(item: Object, name: str) -> float | None:
    value = item.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if 0 <= value <= 1e9 else None


def under(item: Object, name: str) -> Object:
    found = item.get(name)
    return found if isinstance(found, Mapping) else {}


def indices(value: object) -> Iterator[int]:
    """The party or dialog indices in a number, a list, or lists per channel."""
    for item in value if isinstance(value, list) else [value]:
        for index in item if isinstance(item, list) else [item]:
            if isinstance(index, int) and not isinstance(index, bool) and index >= 0:
                yield index


def purpose(attachment: Object) -> str:
    return (text(attachment, "purpose", "type") or "").lower()


def from_base64(value: str, *, field: str) -> bytes:
    """Read base64url, padded or not, and the older alphabet too."""
    value = re.sub(r"\s", "", value).rstrip("=").replace("+", "-").replace("/", "_")
    try:
        padded = value.encode("ascii") + b"=" * (-len(value) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except (UnicodeEncodeError, binascii.Error):
        raise Malformed("It is not base64url.", field=field) from None


def body_bytes(item: Object, *, field: str) -> bytes | None:
    """An inline body of bytes; None if there is none."""
    body = item.get("body")
    if body is None or body == "":
        return None
    encoding = text(item, "encoding") or "base64url"
    if not isinstance(body, str) or encoding.lower() not in {"base64url", "base64"}:
        raise Malformed("A recording's body is base64url.", field=field)
    return from_base64(body, field=field)


def body_value(item: Object, *, field: str) -> object:
    """An inline body of text or JSON; JSON inside a text is unpacked."""
    body = item.get("body")
    if not isinstance(body, str):
        return body
    encoding = (text(item, "encoding") or "none").lower()
    if encoding in {"base64url", "base64"}:
        body = from_base64(body, field=field).decode("utf-8", "replace")
    if encoding == "json" or body.lstrip()[:1] in {"{", "["}:
        return _unpacked(body)
    return body


def _unpacked(body: str) -> object:
    # Older writers put a JSON text where newer ones put the JSON itself.
    try:
        return msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError):
        return body


def digests(item: Object, *, field: str) -> tuple[bytes, ...]:
    """The SHA-512 sums that are given, one of which the bytes must have.

    ``content_hash`` is ``sha512-`` and base64url, one or several; ``signature`` with
    ``alg`` SHA-512 is base64url or hex. Other algorithms are passed over.
    """
    given = item.get("content_hash")
    hashes = given if isinstance(given, list) else [given]
    sums = [_digest(h, field=field) for h in hashes if is_sha512(h)]
    algorithm = (text(item, "alg") or "").upper().replace("-", "")
    signature = text(item, "signature")
    if signature and algorithm in {"", "SHA512"}:
        sums.append(_digest(signature, field=field))
    return tuple(sums)


def is_sha512(value: object) -> TypeGuard[str]:
    return isinstance(value, str) and value.lower().startswith(("sha512", "sha-512"))


def _digest(value: str, *, field: str) -> bytes:
    value = re.sub(r"^sha-?512[-:=]", "", value.strip(), flags=re.IGNORECASE)
    if re.fullmatch(r"[0-9a-fA-F]{128}", value):
        return bytes.fromhex(value)
    digest = from_base64(value, field=field)
    if len(digest) != _SHA512_BYTES:
        raise Malformed("It is not a SHA-512 sum.", field=field)
    return digest


def file_beside(item: Object, *, field: str) -> str | None:
    """The name of the file that holds the bytes, in the vCon's own folder.

    Without a file name, the last part of the URL; the URL itself is never followed.
    Raises Malformed for a name that leads elsewhere.
    """
    name = text(item, "filename")
    if name is None:
        return PurePosixPath(urlsplit(text(item, "url") or "").path).name or None
    if name in {".", ".."} or re.search(r"[/\\\x00-\x1f]", name):
        raise Malformed("The file name leads out of the folder.", field=field)
    return name
