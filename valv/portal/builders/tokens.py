"""The page of API tokens, from the tokens and from what was typed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Final

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from valv.core.errors import Malformed
from valv.core.permissions import Scope
from valv.core.tokens import (
    DEFAULT_DAYS,
    NEVER,
    Lifetime,
    TokenState,
    scopes_within,
    state_of,
)
from valv.portal.contexts.tokens import TokenRow, TokensPage
from valv.tenants.access import Caller
from valv.tenants.models import Token
from valv.tenants.tokens import Secret

FAULTS: Final[Mapping[str, object]] = {
    "name": _(
        "A name has 1 to 100 characters, and holds no phone number or e-mail address."
    ),
    "scope": _("Choose at least one."),
    "expires": _("That is not a number of days, or longer than is allowed."),
    "longest_days": _("State a number of days from 1 to 3650, or leave it empty."),
}
MOST_DIGITS = 6
LETTING_IN = (TokenState.VALID.value, TokenState.ENDS_SOON.value)


def rows_of(
    tokens: Iterable[Token], *, caller: Caller, now: datetime
) -> tuple[TokenRow, ...]:
    may_give = {scope.value for scope in scopes_within(caller.rights)}
    return tuple(_row(token, may_give=may_give, now=now) for token in tokens)


def _row(token: Token, *, may_give: set[str], now: datetime) -> TokenRow:
    until = token.previous_until
    return TokenRow(
        id=str(token.id),
        name=token.name,
        scopes=tuple(token.scopes),
        state=state_of(
            expires_at=token.expires_at, revoked_at=token.revoked_at, now=now
        ).value,
        created_at=token.created_at,
        expires_at=token.expires_at,
        last_used_at=token.last_used_at,
        previous_until=until if until is not None and until > now else None,
        may_rotate=may_give.issuperset(token.scopes),
    )


def page_of(
    tokens: Iterable[Token],
    *,
    caller: Caller,
    now: datetime,
    post: QueryDict | None = None,
    made: Secret | None = None,
    faults: Mapping[str, str] | None = None,
) -> TokensPage:
    rows = rows_of(tokens, caller=caller, now=now)
    longest = caller.tenant.longest_token_days
    days = min(DEFAULT_DAYS, longest or DEFAULT_DAYS)
    typed: dict[str, str] = {"days": str(days), "longest_days": str(longest or "")}
    if post is not None and faults:
        typed |= {name: post.get(name, "") for name in ("name", "days", "longest_days")}
    return TokensPage(
        valid=tuple(row for row in rows if row.state in LETTING_IN),
        ended=tuple(row for row in rows if row.state not in LETTING_IN),
        may_give=tuple(scope.value for scope in scopes_within(caller.rights)),
        longest=longest,
        secret=made.secret if made else "",
        secret_of=made.token.name if made else "",
        typed=typed,
        chosen=tuple(post.getlist("scope")) if post is not None and faults else (),
        faults=faults or {},
    )


def scopes_from(post: QueryDict) -> list[Scope]:
    """Raises Malformed for one that is not known."""
    try:
        return [Scope(name) for name in post.getlist("scope")]
    except ValueError:
        raise Malformed("There is no such scope.", field="scope") from None


def lifetime_from(post: QueryDict) -> Lifetime:
    """Days, or never, if that was ticked. Raises Malformed."""
    if NEVER in post:
        return NEVER
    return days_from(post.get("days", ""), field="expires")


def days_from(text: str, *, field: str) -> int:
    """Raises Malformed for what is no number of days."""
    text = text.strip()
    if not (text.isascii() and text.isdecimal()) or len(text) > MOST_DIGITS:
        raise Malformed("That is no number.", field=field)
    return int(text)


def fault_of(error: Malformed) -> dict[str, str]:
    """The sentence for a field that was refused, by the field."""
    name = error.field if error.field in FAULTS else "name"
    return {str(name): str(FAULTS[str(name)])}
