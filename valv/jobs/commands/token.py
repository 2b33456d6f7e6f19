"""``valv token``: tokens for machines; made, listed, given a new secret, revoked."""

import argparse
from collections.abc import Callable

from valv.core.errors import Malformed
from valv.core.moments import format_moment
from valv.core.permissions import Right, Scope
from valv.core.tokens import KEEP_HOURS, NEVER, Lifetime, state_of
from valv.jobs.command import OK, Asked
from valv.tenants.models import Tenant, Token
from valv.tenants.queries import tenant_by_slug
from valv.tenants.tokens import (
    create_token,
    revoke_token,
    rotate_token,
    set_longest_life,
    tokens_of,
)

HELP = "make, list, rotate and revoke API tokens"
LONGEST_NUMBER = 18


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=sorted(ACTS))
    parser.add_argument("id", nargs="?", help="which token, to rotate or revoke")
    parser.add_argument("--name", help="what the token is for")
    parser.add_argument("--scope", help="scopes, with commas between")
    parser.add_argument(
        "--expires", metavar="DAYS", help=f"days it lives, or “{NEVER}”; else a year"
    )
    parser.add_argument(
        "--keep-hours",
        type=int,
        default=KEEP_HOURS,
        help="how long the old secret lives on when rotated",
    )
    parser.add_argument(
        "--longest", metavar="DAYS", help=f"with “life”: the most days, or “{NEVER}”"
    )


def run(asked: Asked) -> int:
    act: Callable[[Asked, Tenant], None] = ACTS[asked.act]
    act(asked, tenant_by_slug(asked.tenant))
    return OK


def _create(asked: Asked, tenant: Tenant) -> None:
    made = create_token(
        tenant,
        name=_stated(asked, "name"),
        scopes=_scopes(_stated(asked, "scope")),
        within=Right,
        actor=asked.actor,
        now=asked.now,
        lifetime=None if asked.expires is None else _lifetime(asked.expires),
    )
    asked.answer({"token": made.secret, "id": str(made.token.id)}, made.secret)


def _list(asked: Asked, tenant: Tenant) -> None:
    listed = [_shown(one, asked) for one in tokens_of(tenant)]
    lines = [
        f"{one['id']}  {one['name']}  {one['scopes']}  {one['state']}"
        f"  ends {one['expires_at'] or NEVER}  last used {one['last_used_at'] or '–'}"
        for one in listed
    ]
    asked.answer({"items": listed}, "\n".join(lines) or "There are no tokens.")


def _rotate(asked: Asked, tenant: Tenant) -> None:
    made = rotate_token(
        tenant,
        _number(asked),
        within=Right,
        actor=asked.actor,
        now=asked.now,
        hours=asked.keep_hours,
    )
    asked.answer({"token": made.secret, "id": str(made.token.id)}, made.secret)


def _revoke(asked: Asked, tenant: Tenant) -> None:
    number = _number(asked)
    revoke_token(tenant, number, actor=asked.actor, now=asked.now)
    asked.answer({"id": str(number)}, "The token lets nobody in any more.")


def _life(asked: Asked, tenant: Tenant) -> None:
    lifetime = _lifetime(_stated(asked, "longest"))
    days = None if lifetime == NEVER else lifetime
    set_longest_life(tenant, days, actor=asked.actor, now=asked.now)
    asked.answer({"longest_days": days}, "It holds for tokens from now on.")


ACTS: dict[str, Callable[[Asked, Tenant], None]] = {
    "create": _create,
    "list": _list,
    "rotate": _rotate,
    "revoke": _revoke,
    "life": _life,
}


def _stated(asked: Asked, option: str) -> str:
    value: str | None = getattr(asked, option)
    if value is None:
        raise Malformed(f"Say it with --{option}.", field=option)
    return value


def _number(asked: Asked) -> int:
    written: str = asked.id or ""
    if not (written.isascii() and written.isdecimal()) or len(written) > LONGEST_NUMBER:
        raise Malformed(
            "Say which by its number; `valv token list` has it.", field="id"
        )
    return int(written)


def _lifetime(written: str) -> Lifetime:
    if written == NEVER:
        return NEVER
    if not (written.isascii() and written.isdecimal()) or len(written) > LONGEST_NUMBER:
        raise Malformed(f"Say a number of days, or “{NEVER}”.", field="expires")
    return int(written)


def _shown(token: Token, asked: Asked) -> dict[str, object]:
    state = state_of(
        expires_at=token.expires_at, revoked_at=token.revoked_at, now=asked.now
    )
    ends, used = token.expires_at, token.last_used_at
    return {
        "id": str(token.id),
        "name": token.name,
        "scopes": ",".join(token.scopes),
        "state": state.value,
        "expires_at": ends and format_moment(ends),
        "last_used_at": used and format_moment(used),
    }


def _scopes(written: str) -> list[Scope]:
    try:
        return [Scope(word) for word in written.replace(",", " ").split()]
    except ValueError:
        known = ", ".join(scope.value for scope in Scope)
        raise Malformed(f"Scopes are {known}.", field="scope") from None
