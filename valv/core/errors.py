"""Every way in which Valv says no.

    ValvError
    ├── Malformed     422  a value that cannot be understood
    │   ├── BadRequest 400  a request that cannot be read at all
    │   └── ReasonRequired  the tenant wants to know why
    ├── Refused       403  a rule says no, and is named
    ├── Forbidden     403  the caller lacks a right or scope
    ├── NotFound      404  not there, or not yours: the same answer
    ├── Conflict      409  it contradicts what is already held
    ├── Gone          410  it was here, and was removed
    ├── TooLarge      413  larger than is taken
    ├── TooOften      429  asked more often than may be; try again when it says
    ├── Busy          503  try again soon
    └── Misconfigured  –   the start is refused; the message says what to do

A message names states, fields and rules, never anyone's personal data, for it is
shown to callers and may be logged.
"""

from typing import ClassVar


class ValvError(Exception):
    """The root of all errors that are answered rather than reported as a fault."""

    status: ClassVar[int] = 500
    title: ClassVar[str] = "Error"

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


class Malformed(ValvError):
    """A value that cannot be understood; ``field`` says which one."""

    status = 422
    title = "Malformed value"

    def __init__(self, detail: str, *, field: str | None = None) -> None:
        super().__init__(detail)
        self.field = field


class BadRequest(Malformed):
    """A request that cannot be read at all."""

    status = 400
    title = "Bad request"


class ReasonRequired(Malformed):
    """The tenant wants to know why, and no reason was given."""

    title = "Reason required"
    rule: ClassVar[str] = "reason_required"

    def __init__(self) -> None:
        super().__init__("State a reason; it is kept in the audit log.", field="reason")


class Refused(ValvError):
    """A rule of the archive says no; nothing of the request was kept."""

    status = 403
    title = "Refused by a rule"

    def __init__(self, rule: str, detail: str) -> None:
        super().__init__(detail)
        self.rule = rule


class Forbidden(ValvError):
    """The caller is known, but lacks the right or scope."""

    status = 403
    title = "Not permitted"


class NotFound(ValvError):
    """Not there, or not the caller's to know of: told apart nowhere."""

    status = 404
    title = "Not found"

    def __init__(self, detail: str = "There is nothing here.") -> None:
        super().__init__(detail)


class Conflict(ValvError):
    """What arrived contradicts what is already held."""

    status = 409
    title = "Conflict"


class Gone(ValvError):
    """It was here and was removed; the detail says why."""

    status = 410
    title = "Gone"


class TooLarge(ValvError):
    """Larger than is taken in one piece."""

    status = 413
    title = "Too large"


class TooOften(ValvError):
    """More requests than may be in this time; ``seconds`` from now it may go on."""

    status = 429
    title = "Too many requests"

    def __init__(self, seconds: int) -> None:
        super().__init__(f"Too many requests by this token. Wait {seconds} s.")
        self.seconds = seconds


class Busy(ValvError):
    """The store is busy; the same request may succeed in a moment."""

    status = 503
    title = "Busy"


class Misconfigured(ValvError):
    """The start is refused; the message is a sentence that says what to do."""

    title = "Misconfigured"
