"""Signing in and out, each with its entry in the audit log, the failures too.

An address that is not known and a password that is wrong get the same answer after
the same time.
"""

from time import monotonic, sleep

from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from valv.audit.actions import Action
from valv.audit.operations import Act, record
from valv.core.people import Actor, ActorType
from valv.portal.contexts.frame import SignInPage
from valv.portal.doors import caller_of, clock, see_other
from valv.portal.frame import shown
from valv.portal.slowdown import Attempts
from valv.storage import scope
from valv.tenants.models import User
from valv.tenants.signin import caller_of_user, user_of_address

UNPROCESSABLE, TOO_MANY = 422, 429
FAILURE_TAKES = 0.3
LONGEST = 300

attempts = Attempts()


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _tried(request)
    following = _checked(request, request.GET.get("next", ""))
    if caller_of(request) is not None:
        return see_other(following or reverse("search"))
    return shown(request, "sign_in.html", SignInPage(next=following))


def _tried(request: HttpRequest) -> HttpResponse:
    began = monotonic()
    address = request.POST.get("username", "").strip().lower()[:LONGEST]
    place = _place(request)
    left = attempts.seconds_to_wait(address, place)
    if left > 0:
        return _wait(request, round(left + 0.5))
    password = request.POST.get("password", "")[:LONGEST]
    user = authenticate(request, email=address, password=password)
    if not isinstance(user, User):
        attempts.note_failure(address, place)
        _note_failure(address)
        sleep(max(0.0, FAILURE_TAKES - (monotonic() - began)))
        fault = _("That address and password do not belong together.")
        return _again(request, fault, status=UNPROCESSABLE)
    attempts.note_success(address, place)
    _enter(request, user)
    following = _checked(request, request.POST.get("next", ""))
    return see_other(following or reverse("search"))


def _enter(request: HttpRequest, user: User) -> None:
    """A session of its own under a new key, in the transaction that notes it."""
    with scope.writing(user.tenant_id):
        login(request, user)
        actor = caller_of_user(user).actor
        record(Act(Action.SIGN_IN), actor=actor, now=clock())


def _note_failure(address: str) -> None:
    """Into the log of the tenant whose user it would have been, if it is anyone's."""
    user = user_of_address(address)
    if user is None:
        return
    actor = Actor(ActorType.EXTERNAL, user.name, user.id)
    act = Act(Action.SIGN_IN, details={"failed": True, "user": user.id})
    with scope.writing(user.tenant_id):
        record(act, actor=actor, now=clock())


def _wait(request: HttpRequest, seconds: int) -> HttpResponse:
    fault = ngettext(
        "Too many tries. Wait %(n)s second.",
        "Too many tries. Wait %(n)s seconds.",
        seconds,
    ) % {"n": seconds}
    response = _again(request, fault, status=TOO_MANY)
    response["Retry-After"] = str(seconds)
    return response


def _again(request: HttpRequest, fault: str, *, status: int) -> HttpResponse:
    following = _checked(request, request.POST.get("next", ""))
    page = SignInPage(next=following, fault=fault)
    return shown(request, "sign_in.html", page, status=status)


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    caller = caller_of(request)
    if caller is not None:
        with scope.writing(caller.tenant.id):
            record(Act(Action.SIGN_OUT), actor=caller.actor, now=clock())
            logout(request)
    return see_other(reverse("sign-in"))


def _checked(request: HttpRequest, following: str) -> str:
    """A page of ours to go on to; anything else is dropped."""
    ours = following.startswith("/") and url_has_allowed_host_and_scheme(
        following, {request.get_host()}, require_https=request.is_secure()
    )
    return following if ours else ""


def _place(request: HttpRequest) -> str:
    """Where someone asks from; behind a proxy that is trusted, as the proxy says."""
    if settings.VALV_TRUSTED_PROXY:
        said = request.headers.get("X-Forwarded-For", "")
        return said.rpartition(",")[2].strip() or request.META["REMOTE_ADDR"]
    return str(request.META.get("REMOTE_ADDR", ""))


routes = [
    path("sign-in", sign_in, name="sign-in"),
    path("sign-out", sign_out, name="sign-out"),
]
