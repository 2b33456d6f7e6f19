"""Who calls: a bearer token (RFC 6750) is looked up once for each request.

A token that is missing, unknown, expired or revoked gets the same answer. The look-up
is by the token's hash, so its time tells nothing of the tokens there are.
"""

from contextlib import suppress
from datetime import UTC, datetime
from functools import lru_cache

from django.http import HttpRequest

from valv.api import pace
from valv.api.errors import NoToken
from valv.core.errors import Busy
from valv.core.moments import to_millisecond
from valv.tenants.access import Caller
from valv.tenants.queries import caller_of_token
from valv.tenants.tokens import touch_token

SCHEME = "bearer"
LONGEST = 200


def clock() -> datetime:
    """The time of a request, in whole milliseconds as all times are kept."""
    return to_millisecond(datetime.now(UTC))


def caller_of(request: HttpRequest, *, now: datetime) -> Caller:
    """Who holds the request's token. Raises NoToken, TooOften."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    secret = secret.strip()
    if scheme.lower() != SCHEME or not secret or len(secret) > LONGEST:
        raise NoToken
    caller = caller_of_token(secret, now=now)
    if caller is None:
        raise NoToken
    if caller.actor.id is not None:
        pace.check(caller.actor.id)
        with suppress(Busy):
            _touch(caller.tenant.id, caller.actor.id, int(now.timestamp()) // 60)
    return caller


@lru_cache(maxsize=4096)
def _touch(tenant_id: int, token_id: int, minute: int) -> None:
    """Note the use of a token, once a minute in each process."""
    touch_token(tenant_id, token_id, now=datetime.fromtimestamp(minute * 60, UTC))
