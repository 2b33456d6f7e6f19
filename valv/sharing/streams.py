"""Sealed bytes as an HTTP answer: whole, or one range (RFC 9110 section 14)."""

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from valv.core.errors import ValvError
from valv.storage.sealed import SealedReader

PIECE = 1024 * 1024
_RANGE = re.compile(r"bytes=([0-9]{0,18})-([0-9]{0,18})", re.ASCII)


class NoSuchRange(ValvError):
    """The range asked for lies past the end; ``size`` is how long the whole is."""

    status = 416
    title = "Range not satisfiable"

    def __init__(self, size: int) -> None:
        super().__init__("The range lies past the end.")
        self.size = size


@dataclass(frozen=True, slots=True)
class Sent:
    """How bytes are labelled: their media type, file name, and validator."""

    media_type: str
    name: str
    tag: str
    attached: bool = False

    @property
    def headers(self) -> dict[str, str]:
        way = "attachment" if self.attached else "inline"
        return {
            "Accept-Ranges": "bytes",
            "Content-Type": self.media_type,
            "Content-Disposition": f'{way}; filename="{self.name}"',
            "ETag": f'"{self.tag}"',
        }


def sent(
    request: HttpRequest,
    reader: SealedReader,
    how: Sent,
    *,
    in_pieces: bool = False,
) -> HttpResponseBase:
    """The whole, or the one range asked for. Raises NoSuchRange.

    Several ranges, or what is no range, get the whole, as the standard allows. What is
    short goes at once, and no thread is held by whoever takes it slowly; what is long
    is streamed. A player asks for all the rest and reads it as it plays: ``in_pieces``
    it gets the beginning, and asks again.
    """
    size = reader.plain_size
    span = _span(request, size, how)
    start, end = span or (0, size)
    if span is not None and in_pieces:
        end = min(end, start + PIECE)
    headers = {**how.headers, "Content-Length": str(end - start)}
    if span is not None:
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    status = 200 if span is None else 206
    if request.method == "HEAD":
        return HttpResponse(status=status, headers=headers)
    content = reader.read(start, end)
    if end - start <= PIECE:
        return HttpResponse(b"".join(content), status=status, headers=headers)
    return StreamingHttpResponse(content, status=status, headers=headers)


def _span(request: HttpRequest, size: int, how: Sent) -> tuple[int, int] | None:
    match = _RANGE.fullmatch(request.headers.get("Range", "").strip())
    wanted = request.headers.get("If-Range", f'"{how.tag}"')
    if request.method != "GET" or match is None or wanted != f'"{how.tag}"':
        return None
    first, last = match.groups()
    if not first:
        return _ending(int(last), size) if last else None
    start, end = int(first), int(last) + 1 if last else size
    if last and end <= start:
        return None
    if start >= size:
        raise NoSuchRange(size)
    return start, min(end, size)


def _ending(length: int, size: int) -> tuple[int, int]:
    """The last bytes, as many as are asked for or there are."""
    if not length or not size:
        raise NoSuchRange(size)
    return max(0, size - length), size
