"""Signing in in a real Chromium: a code by time, a passkey, and a tenant's provider."""

from base64 import b32decode
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.living import sign_in
from tests.cast import PASSWORD
from tests.journeys.serving import served
from tests.peers.openid import CLIENT, SECRET, provider
from valv.core import totp

PUBLIC = "http://localhost:{port}"
ALMA = "alma@acme.example"


@pytest.fixture(scope="module")
def vault(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server at the host that passkeys are for."""
    folder: Path = tmp_path_factory.mktemp("vault") / "data"
    with served(folder, VALV_PUBLIC_URL=PUBLIC) as server:
        yield f"http://localhost:{server.port}"


@pytest.fixture
def alma(page: Page, vault: str) -> Page:
    page.set_default_timeout(15_000)
    sign_in(page, vault)
    return page


def go_out(page: Page) -> None:
    page.locator("details.who > summary").click()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_url("**/sign-in")


def type_password(page: Page) -> None:
    page.locator("[name=username]").fill(ALMA)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("form[action='/sign-in'] button").click()


def code_of(seed: bytes, *, later: int = 0) -> str:
    """The code now, or of a step later than one that was taken."""
    return totp.code_of(seed, step=totp.step_of(datetime.now(UTC)) + later)


def test_a_code_by_time_and_a_recovery_code_let_in(alma: Page, vault: str) -> None:
    alma.goto(f"{vault}/account")
    alma.locator("form[action='/account/authenticator'] button").click()
    expect(alma.locator(".picture svg")).to_be_visible()
    seed = b32decode(alma.locator(".seed code").inner_text().replace(" ", ""))
    alma.locator("[name=code]").fill(code_of(seed))
    alma.locator("main form button").click()
    recovery = alma.locator(".codes code").first.inner_text()
    go_out(alma)

    for code in (code_of(seed, later=1), recovery):
        type_password(alma)
        alma.wait_for_url("**/sign-in/code")
        alma.locator("[name=code]").fill(code)
        alma.locator("form[action='/sign-in/code'] button").click()
        alma.wait_for_url("**/search")
        if code != recovery:
            go_out(alma)

    alma.goto(f"{vault}/account")
    alma.locator("form[action='/account/authenticator/remove'] button").click()
    expect(alma.locator("form[action='/account/authenticator'] button")).to_be_visible()


def test_a_passkey_lets_in_without_a_password(alma: Page, vault: str) -> None:
    devtools = alma.context.new_cdp_session(alma)
    devtools.send("WebAuthn.enable")
    held = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
        "hasUserVerification": True, "isUserVerified": True,
        "automaticPresenceSimulation": True,
    }  # fmt: skip
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": held})
    alma.goto(f"{vault}/account")
    alma.locator("[name=name]").fill("laptop")
    alma.locator("form[data-passkey=make] button").click()
    expect(alma.locator(".lines b", has_text="laptop")).to_be_visible()
    go_out(alma)

    alma.locator("form[data-passkey=use] button").click()
    alma.wait_for_url("**/search")

    alma.goto(f"{vault}/account")
    alma.locator("form[action*='/account/passkeys/'] button.danger").click()
    expect(alma.locator(".lines b", has_text="laptop")).to_have_count(0)


def test_a_tenants_provider_lets_in(alma: Page, vault: str) -> None:
    with provider(f"{vault}/sign-in/provider") as peer:
        alma.goto(f"{vault}/settings/sign-in")
        fields = {"issuer": peer.issuer, "client_id": CLIENT, "secret": SECRET}
        for name, value in {**fields, "label": "Acme ID"}.items():
            alma.locator(f"[name={name}]").fill(value)
        alma.locator("form.masking button.main").click()
        expect(alma.locator(".notice.done")).to_be_visible()
        go_out(alma)

        alma.locator("a[href^='/sign-in/with/acme']").click()
        alma.locator("[name=login]").fill("alma")
        alma.locator("[name=password]").fill("any")
        alma.locator("button[type=submit]").click()
        alma.locator("button[type=submit]").click()
        alma.wait_for_url("**/search")
