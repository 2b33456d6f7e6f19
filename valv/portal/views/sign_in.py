"""Signing in by password, with a code where one is asked for; and signing out.

An address that is not known and a password that is wrong get the same answer after the
same work. Who has to wait, for others guess where they are, still comes in at once with
password and code together: of the two is told only that they are right.
"""

from time import monotonic, sleep
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from valv.portal.contexts.frame import SignInCodePage, SignInPage
from valv.portal.doors import clock, presence_of, see_other
from valv.portal.entering import (
    LONGEST,
    enter,
    local_page,
    origin_of,
    pending_user,
    wait_for_second_factor,
)
from valv.portal.frame import shown
from valv.portal.providers import provider_links
from valv.storage import scope
from valv.tenants import slowdown
from valv.tenants.access_log import How
from valv.tenants.factors import code_of, own_factors, password_counts
from valv.tenants.models import User
from valv.tenants.queries import tenants
from valv.tenants.sign_ins import needs_code, note_failure, note_unknown, sign_out
from valv.tenants.signin import user_of_address, user_of_password

UNPROCESSABLE, TOO_MANY = 422, 429
FAILURE_TAKES = 0.3


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("password", "code")
def sign_in(request: HttpRequest, tenant: str = "") -> HttpResponse:
    if request.method == "POST":
        return _tried(request, tenant)
    following = local_page(request, request.GET.get("next", ""))
    if presence_of(request) is not None:
        return see_other(following or reverse("search"))
    return _page(request, tenant, following)


def _page(
    request: HttpRequest,
    tenant: str,
    following: str,
    *,
    fault: str = "",
    waiting: bool = False,
    status: int = 200,
) -> HttpResponse:
    page = SignInPage(
        next=following,
        fault=fault,
        action=request.path,
        waiting=waiting,
        providers=provider_links(tenant, following),
    )
    return shown(request, "sign_in.html", page, status=status)


def _tried(request: HttpRequest, tenant: str) -> HttpResponse:
    """Count the try, look at it, and take it back if it went well."""
    began = monotonic()
    address = request.POST.get("username", "").strip().lower()[:LONGEST]
    counts = slowdown.of_password(address, origin_of(request).network)
    left = slowdown.wait_or_take(counts, now=clock())
    if left > 0:
        return _with_both(request, tenant, address, left)
    user = user_of_password(address, _typed(request, "password"))
    if user is None or not password_counts(user):
        _note_failure(request, address)
        sleep(max(0.0, FAILURE_TAKES - (monotonic() - began)))
        fault = _("That address and password do not belong together.")
        following = local_page(request, request.POST.get("next", ""))
        return _page(request, tenant, following, fault=fault, status=UNPROCESSABLE)
    slowdown.take_back(counts)
    following = local_page(request, request.POST.get("next", ""))
    if needs_code(user):
        wait_for_second_factor(request, user, now=clock())
        return see_other(_code_page(following))
    return enter(request, user, how=How.PASSWORD, following=following)


def _typed(request: HttpRequest, name: str) -> str:
    return request.POST.get(name, "")[:LONGEST]


def _code_page(following: str) -> str:
    address = reverse("sign-in-code")
    return f"{address}?{urlencode({'next': following})}" if following else address


def _with_both(
    request: HttpRequest, tenant: str, address: str, left: float
) -> HttpResponse:
    """Who has to wait comes in by password and code together, or is told to wait."""
    code = _typed(request, "code")
    if code:
        user = user_of_password(address, _typed(request, "password"))
        how = _judged(user, code) if user is not None else None
        if user is not None and how is not None:
            following = request.POST.get("next", "")
            return enter(request, user, how=how, following=following)
    seconds = round(left + 0.5)
    following = local_page(request, request.POST.get("next", ""))
    answer = _page(
        request, tenant, following,
        fault=wait_words(seconds), waiting=True, status=TOO_MANY,
    )  # fmt: skip
    answer["Retry-After"] = str(seconds)
    return answer


def _judged(user: User, code: str) -> How | None:
    """By what kind of code somebody whose password is right comes in, if by any."""
    counts = slowdown.of_codes(user.email)
    if not password_counts(user) or slowdown.wait_or_take(counts, now=clock()) > 0:
        return None
    how = code_of(user, code, now=clock())
    if how is not None:
        slowdown.take_back(counts)
    return how


def wait_words(seconds: int) -> str:
    return ngettext(
        "Too many tries. Wait %(n)s second.",
        "Too many tries. Wait %(n)s seconds.",
        seconds,
    ) % {"n": seconds}


def _note_failure(request: HttpRequest, address: str) -> None:
    """Into the logs of the tenant whose user it would have been.

    An address that is nobody's belongs to the tenant if there is only one.
    """
    user, origin, now = user_of_address(address), origin_of(request), clock()
    if user is not None:
        note_failure(user, how=How.PASSWORD, origin=origin, now=now)
        return
    known = tenants()
    if len(known) == 1:
        note_unknown(known[0].id, how=How.PASSWORD, origin=origin, now=now)


@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters("code")
def sign_in_code(request: HttpRequest) -> HttpResponse:
    """The second step, for whoever typed the right password a moment ago."""
    user = _pending(request)
    if user is None:
        return see_other(reverse("sign-in"))
    if request.method != "POST":
        following = local_page(request, request.GET.get("next", ""))
        return shown(request, "sign_in_code.html", _code_page_of(user, following))
    counts, now = slowdown.of_codes(user.email), clock()
    left = slowdown.wait_or_take(counts, now=now)
    # A recovery code cannot be guessed: whoever has one need not wait.
    how = code_of(user, _typed(request, "code"), now=now, only_recovery=left > 0)
    if how is None:
        return _wrong_code(request, user, left)
    slowdown.take_back(counts)
    return enter(request, user, how=how, following=request.POST.get("next", ""))


def _pending(request: HttpRequest) -> User | None:
    held = pending_user(request, now=clock())
    if held is None:
        return None
    user_id, tenant_id = held
    with scope.reading(tenant_id):
        return User.objects.filter(id=user_id, is_active=True).first()


def _wrong_code(request: HttpRequest, user: User, left: float) -> HttpResponse:
    following = local_page(request, request.POST.get("next", ""))
    if left > 0:
        seconds = round(left + 0.5)
        page = _code_page_of(user, following, fault=wait_words(seconds))
        answer = shown(request, "sign_in_code.html", page, status=TOO_MANY)
        answer["Retry-After"] = str(seconds)
        return answer
    note_failure(user, how=How.CODE, origin=origin_of(request), now=clock())
    page = _code_page_of(user, following, fault=_("That is not the code now."))
    return shown(request, "sign_in_code.html", page, status=UNPROCESSABLE)


def _code_page_of(user: User, following: str, *, fault: str = "") -> SignInCodePage:
    factors = own_factors(user)
    return SignInCodePage(
        next=following, fault=fault, by_code=factors.code, by_passkey=factors.passkey
    )


@require_POST
def signed_out(request: HttpRequest) -> HttpResponse:
    presence = presence_of(request)
    if presence is not None:
        sign_out(presence, now=clock())
        request.session.flush()
    return see_other(reverse("sign-in"))


routes = [
    path("sign-in", sign_in, name="sign-in"),
    path("sign-in/at/<slug:tenant>", sign_in, name="sign-in-at"),
    path("sign-in/code", sign_in_code, name="sign-in-code"),
    path("sign-out", signed_out, name="sign-out"),
]
