"""Every error as problem JSON (RFC 9457), in this one place.

An error of ``core.errors`` says what it says. Anything else is a fault of ours: it is
answered without details, and logged by its kind and place only, since what an exception
quotes may be anybody's data.
"""

import logging
import re
import traceback
from collections.abc import Mapping
from http import HTTPStatus

import msgspec
from django.core.exceptions import RequestDataTooBig
from django.http import HttpResponse

from valv.core import errors
from valv.core.errors import ValvError
from valv.intake.decoding import EmptyAudio
from valv.sharing.mail import MailNotSent
from valv.sharing.streams import NoSuchRange
from valv.storage.blobs.contract import BlobStoreFailed

MEDIA_TYPE = "application/problem+json"
TYPES = "/api/v1/problems/"
RETRY_SECONDS = 1
MIB = 1024 * 1024

log = logging.getLogger("valv.api")


class NoToken(ValvError):
    """The token is missing, unknown, expired or revoked: told apart nowhere."""

    status = 401
    title = "Not signed in"

    def __init__(self) -> None:
        super().__init__("Send a valid token as Authorization: Bearer.")


class WrongMethod(ValvError):
    """There is something here, but not by this method."""

    status = 405
    title = "Method not allowed"

    def __init__(self, allowed: str) -> None:
        super().__init__(f"Allowed here: {allowed}.")
        self.allowed = allowed


class NotAcceptable(ValvError):
    """None of the media types asked for can be made of this."""

    status = 406
    title = "Not acceptable"


class LengthRequired(ValvError):
    """Neither a length nor a digest was stated (RFC 9110, section 15.5.12)."""

    status = 411
    title = "Length required"

    def __init__(self) -> None:
        super().__init__(
            "State a Content-Length, or send chunks with a Content-Digest of sha-256 "
            "or sha-512."
        )


class Problem(msgspec.Struct, omit_defaults=True):
    """What went wrong. ``rule`` names the rule that refused, ``field`` the value."""

    type: str
    title: str
    status: int
    detail: str = ""
    rule: str | None = None
    field: str | None = None


PROBLEMS: tuple[type[ValvError], ...] = (
    errors.BadRequest,
    NoToken,
    errors.Refused,
    errors.Forbidden,
    errors.NotFound,
    WrongMethod,
    NotAcceptable,
    errors.Conflict,
    errors.Gone,
    LengthRequired,
    errors.TooLarge,
    NoSuchRange,
    EmptyAudio,
    errors.ReasonRequired,
    errors.Malformed,
    errors.TooOften,
    errors.Busy,
    MailNotSent,
)


def slug_of(title: str) -> str:
    return re.sub(r"[^a-z]+", "-", title.lower()).strip("-")


def problem_from(error: ValvError) -> HttpResponse:
    """The answer for an error of ours, with the headers that belong to its status.

    Those without a status of their own, such as bytes that do not open, are faults; a
    blob store that does not answer may do so in a moment.
    """
    if isinstance(error, BlobStoreFailed):
        log.error("the blob store does not answer")
        return problem_from(errors.Busy("Content cannot be reached. Try again soon."))
    if error.status == ValvError.status:
        return problem_from_fault(error)
    problem = Problem(
        type=TYPES + slug_of(error.title),
        title=error.title,
        status=error.status,
        detail=error.detail,
        rule=getattr(error, "rule", None),
        field=getattr(error, "field", None),
    )
    return _response(problem, _headers(error))


def _headers(error: ValvError) -> dict[str, str]:
    match error:
        case NoToken():
            return {"WWW-Authenticate": 'Bearer realm="valv"'}
        case WrongMethod():
            return {"Allow": error.allowed}
        case NoSuchRange():
            return {"Content-Range": f"bytes */{error.size}"}
        case errors.TooOften():
            return {"Retry-After": str(error.seconds)}
        case errors.Busy():
            return {"Retry-After": str(RETRY_SECONDS)}
        case _:
            return {}


def problem_from_fault(fault: Exception) -> HttpResponse:
    """The answer for anything else: a fault is logged, and not told."""
    if isinstance(fault, RequestDataTooBig):
        return problem_from(errors.TooLarge(f"A body has at most {32 * MIB} bytes."))
    frames = traceback.extract_tb(fault.__traceback__)
    where = " < ".join(f"{f.filename}:{f.lineno}" for f in reversed(frames))
    log.error("fault %s at %s", type(fault).__name__, where)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    title = "Fault"
    return _response(
        Problem(type=TYPES + slug_of(title), title=title, status=status.value), {}
    )


def _response(problem: Problem, headers: Mapping[str, str]) -> HttpResponse:
    return HttpResponse(
        msgspec.json.encode(problem),
        status=problem.status,
        content_type=MEDIA_TYPE,
        headers={**headers, "Cache-Control": "no-store"},
    )


def explained(slug: str) -> Problem:
    """What a problem's ``type`` means; raises NotFound for one that is not ours."""
    for kind in PROBLEMS:
        if slug_of(kind.title) == slug:
            return Problem(
                type=TYPES + slug,
                title=kind.title,
                status=kind.status,
                detail=(kind.__doc__ or "").strip(),
            )
    raise errors.NotFound
