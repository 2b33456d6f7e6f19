"""The table of endpoints: from it come the addresses, the checks and OpenAPI.

A view is declared with ``endpoint`` and receives a ``Call``, which is already known to
come from someone with the right it needs. It answers a plain value, which becomes JSON,
or a response. Errors are raised. ``routes`` gathers the views of modules into addresses
and gives each its answer to wrong methods.

Sessions, cookies and CSRF tokens play no part here: only the bearer token counts.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby, zip_longest
from types import ModuleType
from typing import Any, TypeVar

import msgspec
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import URLPattern, re_path

from valv.api.auth import caller_of, clock
from valv.api.bodies import whole
from valv.api.errors import WrongMethod, problem_from, problem_from_fault
from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.errors import BadRequest, Forbidden, Malformed, NotFound, ValvError
from valv.core.interaction import decoded_json
from valv.core.permissions import Right
from valv.sharing.transfers import Way, in_turn
from valv.storage import scope
from valv.tenants.access import Caller

T = TypeVar("T")
JSON = "application/json"
LARGEST = 32 * 1024 * 1024
PLACEHOLDER = re.compile(r"{(\w+)}")
# A source's id may hold slashes, for they arrive decoded; none is first or last.
SESSION = "session_id"
WITH_SLASHES, WITHOUT = "([^/](?s:.*[^/])?)", "([^/]+)"
NUL = "\0"


@dataclass(frozen=True, slots=True)
class Query:
    """One query parameter. A ``repeated`` one may be given several times."""

    name: str
    description: str
    schema: Mapping[str, Any] = field(default_factory=lambda: {"type": "string"})
    repeated: bool = False


REASON = Query(
    "reason",
    "why; kept in the audit log. Where the tenant asks for one and there is none: 422"
    " with the rule `reason_required`",
)


def limit_to(most: int, *, default: int | None = None) -> Query:
    """The parameter ``limit``, a number from 1 to ``most``."""
    told = "how many" if default is None else f"how many; {default} unless stated"
    return Query("limit", told, {"type": "integer", "minimum": 1, "maximum": most})


@dataclass(frozen=True, slots=True)
class Call:
    """A request by someone known, at one time; ``query`` holds known names only."""

    request: HttpRequest
    caller: Caller
    now: datetime
    query: Mapping[str, list[str]]

    def one(self, name: str, default: str | None = None) -> str | None:
        """A query parameter that may be given once."""
        values = self.query.get(name, [])
        if len(values) > 1:
            raise Malformed(f"“{name}” is given more than once.", field=name)
        return values[0] if values else default

    def number(self, name: str, default: int, *, most: int) -> int:
        """A whole number from 1 to ``most``. Raises Malformed."""
        text = self.one(name, str(default)) or ""
        if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
            raise Malformed(f"“{name}” is a number from 1 to {most}.", field=name)
        return int(text)

    def json(self, type_: type[T]) -> T:
        """The body, read strictly as a type of ``core``. Raises Malformed."""
        return decoded_json(whole(self.request, limit=LARGEST), type_)


@dataclass(frozen=True, slots=True)
class Answer:
    """A value to be answered as JSON with another status than 200."""

    value: object
    status: int = 200


View = Callable[..., object]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One method of one address. ``answers`` gives, by status, a type or media types.

    Without a ``right`` any token will do, and the view asks for what it needs; a
    ``public`` one needs no token, and its view receives its arguments alone. What
    ``transfers`` something long is asked while there is a place for it.
    """

    method: str
    path: str
    view: View
    right: Right | None = None
    public: bool = False
    query: tuple[Query, ...] = ()
    body: Any = None
    answers: Mapping[int, Any] = field(default_factory=dict)
    transfers: Way | None = None

    def __call__(self, request: HttpRequest, *args: str) -> HttpResponseBase:
        if self.public:
            return response_from(self.view(*args))
        now = clock()
        caller = caller_of(request, now=now)
        if self.right is not None and not caller.may(self.right):
            _deny(caller, self.right, now=now)
        call = Call(request, caller, now, self._known(request))
        if self.transfers is None or request.method == "HEAD":
            return response_from(self.view(call, *args))
        return in_turn(self.transfers, lambda: response_from(self.view(call, *args)))

    def _known(self, request: HttpRequest) -> dict[str, list[str]]:
        known = {query.name for query in self.query}
        given = {name: list(values) for name, values in request.GET.lists()}
        if not given.keys() <= known:
            raise BadRequest("There is a query parameter that is not known here.")
        for name, values in given.items():
            if any(NUL in value for value in values):
                raise Malformed("There is a NUL character in it.", field=name)
        return given


def endpoint(
    method: str,
    path: str,
    *,
    right: Right | None = None,
    public: bool = False,
    query: Iterable[Query] = (),
    body: Any = None,
    answers: Mapping[int, Any] | None = None,
    transfers: Way | None = None,
) -> Callable[[View], Endpoint]:
    """Declare a view: ``path`` as in OpenAPI, with ``{name}`` for each argument.

    ``body`` is the type of a JSON body, or a media type; the view reads it from the
    call. The first line of the view's docstring is its summary.
    """

    def declare(view: View) -> Endpoint:
        return Endpoint(
            method,
            path,
            view,
            right,
            public,
            tuple(query),
            body,
            answers or {},
            transfers,
        )

    return declare


def response_from(answer: object) -> HttpResponseBase:
    """A response as it is; None as 204; any other value as JSON."""
    if isinstance(answer, HttpResponse | StreamingHttpResponse):
        response: HttpResponseBase = answer
    elif answer is None:
        response = HttpResponse(status=204)
    else:
        made = answer if isinstance(answer, Answer) else Answer(answer)
        body = msgspec.json.encode(made.value)
        response = HttpResponse(body, status=made.status, content_type=JSON)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def _deny(caller: Caller, right: Right, *, now: datetime) -> None:
    with scope.writing(caller.tenant.id):
        act = Act(Action.DENY, details={"right": right.value})
        record(act, actor=caller.actor, now=now)
    raise Forbidden(f"This needs the right “{right.value}”.")


def endpoints_of(modules: Iterable[ModuleType]) -> list[Endpoint]:
    """The endpoints that the modules declare, in their order."""
    return [
        value
        for module in modules
        for value in vars(module).values()
        if isinstance(value, Endpoint)
    ]


def shape_of(path: str) -> str:
    """Addresses that differ only in the names of their arguments are one."""
    return PLACEHOLDER.sub("{}", path)


def routes(modules: Iterable[ModuleType]) -> list[URLPattern]:
    """One address for each path, those with fixed words first."""
    declared = sorted(endpoints_of(modules), key=lambda e: _specific_first(e.path))
    groups = (list(group) for _, group in groupby(declared, lambda e: shape_of(e.path)))
    return [
        re_path(_pattern(group), _dispatcher({one.method: one for one in group}))
        for group in groups
    ]


def _specific_first(path: str) -> str:
    # “~” sorts after every character that may stand in a path of ours: longer paths,
    # and those with fixed words, come before what would take them for a session id.
    return PLACEHOLDER.sub("~", path) + "~"


def _pattern(alike: list[Endpoint]) -> str:
    """The expression for paths of one shape; one may name what the others do not."""
    texts = map(re.escape, PLACEHOLDER.split(alike[0].path.lstrip("/"))[::2])
    named = zip(*(PLACEHOLDER.findall(one.path) for one in alike), strict=True)
    holes = [WITH_SLASHES if SESSION in names else WITHOUT for names in named]
    return "^" + "".join(map("".join, zip_longest(texts, holes, fillvalue=""))) + "$"


def _dispatcher(
    methods: dict[str, Endpoint],
) -> Callable[..., HttpResponseBase]:
    """The Django view of one address."""
    if "GET" in methods:
        methods = {"HEAD": methods["GET"], **methods}
    allowed = ", ".join(sorted(methods))

    def dispatch(request: HttpRequest, *args: str) -> HttpResponseBase:
        found = methods.get(request.method or "")
        if "/" in "".join(args) and (found is None or SESSION not in found.path):
            return nowhere(request)
        if found is None:
            return problem_from(WrongMethod(allowed))
        return _guarded(found, request, *args)

    dispatch.csrf_exempt = True  # type: ignore[attr-defined]
    return dispatch


def _guarded(found: Endpoint, request: HttpRequest, *args: str) -> HttpResponseBase:
    try:
        return found(request, *args)
    except ValvError as error:
        return problem_from(error)
    except Exception as fault:  # noqa: BLE001 - the one place that answers faults
        return problem_from_fault(fault)


def nowhere(_request: HttpRequest) -> HttpResponseBase:
    """What an address that is not ours answers."""
    return problem_from(NotFound())


nowhere.csrf_exempt = True  # type: ignore[attr-defined]
