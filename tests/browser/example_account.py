"""One's own account and the pages of signing in, with made-up values."""

from datetime import UTC, datetime

import segno
from markupsafe import Markup

from valv.core import totp
from valv.portal.contexts.account import (
    AccessLogPage,
    AccountPage,
    AuthenticatorPage,
    ConfirmingPage,
    ShownAccess,
    ShownPasskey,
    ShownSignIn,
    SignInSettingsPage,
)

AT = datetime(2026, 11, 23, 13, 5, tzinfo=UTC)
SEED = b"12345678901234567890"


def account() -> AccountPage:
    return AccountPage(
        name="Alma Berg",
        email="alma@acme.example",
        has_password=True,
        has_authenticator=True,
        codes_left=9,
        passkeys=(ShownPasskey(1, "min telefon", AT, AT),),
        sign_ins=(
            ShownSignIn("a", "code", "Firefox, Linux", "192.0.2/24", AT, AT, here=True),
            ShownSignIn("b", "passkey", "Safari, iPhone", "", AT, AT, here=False),
        ),
        passkeys_possible=True,
    )


def account_codes() -> AccountPage:
    return AccountPage(
        name="Bo Ek",
        email="bo@acme.example",
        has_password=True,
        has_authenticator=False,
        codes_left=0,
        passkeys=(),
        sign_ins=(),
        passkeys_possible=True,
        must=True,
        codes=tuple(f"ABCD-EFGH-IJKL-MNO{n}" for n in range(10)),
    )


def authenticator() -> AuthenticatorPage:
    address = totp.address_of(SEED, account="alma@acme.example", issuer="Valv")
    drawn = segno.make(address, error="m").svg_inline(
        scale=5, border=2, dark="#000", light="#fff", omitsize=True
    )
    return AuthenticatorPage(picture=Markup(drawn), written=totp.written(SEED))  # noqa: S704


def confirming() -> ConfirmingPage:
    return ConfirmingPage(
        action="/account/password", by_code=True, by_passkey=True, fault="?"
    )


def access_log() -> AccessLogPage:
    entry = ShownAccess(AT, "Alma Berg", "code", True, "Edge, Windows", "192.0.2.0/24")
    bad = ShownAccess(AT, "Okänd", "password", False, "", "2001:db8:1::/48")
    return AccessLogPage(items=(entry, bad, entry), days=92, next="1.1")


def sign_in_settings() -> SignInSettingsPage:
    values = {
        "idle_minutes": "60", "longest_hours": "12", "log_days": "92",
        "network": "shortened", "break_glass": "1", "issuer": "https://id.example",
        "client_id": "valv", "label": "Acme ID", "groups_claim": "groups",
    }  # fmt: skip
    return SignInSettingsPage(
        values=values,
        on=frozenset({"second_factor"}),
        has_secret=True,
        callback="https://archive.example/sign-in/provider",
        people=(("1", "Alma Berg"),),
        gives=(("1", "Kundtjänst"), ("2", "Support")),
        groups=(("staff", "1"),),
        faults={"client_id": "?"},
        changed_at=AT,
        changed_by="Alma Berg",
    )
