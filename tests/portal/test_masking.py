"""The page of masking: rules set by the administrator, and a box to try them in."""

import logging
from typing import Any

import pytest

from tests.laws.canary import places_of
from tests.portal.visiting import Visitor, text_of
from valv.core.mask_patterns import MaskPattern
from valv.core.masking import MaskingRules
from valv.core.secret_numbers import Secret
from valv.tenants.models import Tenant, User
from valv.tenants.queries import masking_version

ON = {f"kind-{kind}": "on" for kind in Secret}
CUSTOMER = r"\bK-[0-9]{6}\b"
FORM: dict[str, Any] = {
    **ON, "name": ["kund", ""], "pattern": [CUSTOMER, ""],
    "menus": "Kod\r\n Pin \r\n", "variables": "pin", "version": "0", "text": "",
}  # fmt: skip


@pytest.fixture
def administrator(alma: User) -> Visitor:
    return Visitor().enters(alma)


def rules(tenant: Tenant) -> MaskingRules:
    tenant.refresh_from_db()
    return masking_version(tenant.id, tenant.masking_version).rules


def test_rules_are_saved_as_they_were_typed(
    administrator: Visitor, acme: Tenant
) -> None:
    answer = administrator.post("/masking", **{**FORM, "step": "save"})

    assert answer.status_code == 303
    pattern = MaskPattern(name="kund", pattern=CUSTOMER)
    assert rules(acme) == MaskingRules(
        patterns=(pattern,), menus=("Kod", "Pin"), variables=("pin",)
    )
    html = text_of(administrator.get("/masking"))
    assert "Kod\nPin</textarea>" in html
    assert html.count("checked") == len(Secret)


def test_a_kind_that_is_not_ticked_is_off(administrator: Visitor, acme: Tenant) -> None:
    form = {name: value for name, value in FORM.items() if name != "kind-iban"}
    administrator.post("/masking", **{**form, "step": "save"})

    assert rules(acme).off == {Secret.IBAN}


@pytest.mark.django_db(transaction=True)
def test_a_try_shows_what_would_be_caught_and_saves_nothing(
    administrator: Visitor, acme: Tenant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    text = "zebra-5519 <b> K-123456, 19121212-1212"

    answer = administrator.post("/masking", **{**FORM, "step": "try", "text": text})

    html = text_of(answer)
    assert '<mark title="[kund]">K-123456</mark>' in html
    assert '<mark title="[personal number]">19121212-1212</mark>' in html
    assert "zebra-5519 &lt;b&gt; [kund], [personal number]" in html
    assert rules(acme) == MaskingRules()
    assert "zebra-5519" not in caplog.text
    assert places_of("zebra-5519") == set()


@pytest.mark.parametrize(
    ("name", "pattern", "said"),
    [
        ("kund", "(", "Det går inte att läsa"),
        ("kund", ".*", "För brett"),
        ("kund1", "abc", "inga siffror"),
        ("", "abc", "inga siffror"),
        ("kund", "", "1 till 500 tecken"),
    ],
)
@pytest.mark.parametrize("step", ["try", "save"])
def test_a_pattern_that_cannot_be_is_told_at_its_row(
    administrator: Visitor, acme: Tenant, name: str, pattern: str, said: str, step: str
) -> None:
    form = {**FORM, "name": ["a", name], "pattern": [CUSTOMER, pattern], "step": step}
    answer = administrator.post("/masking", **form)

    html = text_of(answer)
    assert answer.status_code == 422
    assert html.count('class="fault"') == 1
    assert said in html[html.index('id="e-row-2"') :]
    assert "K-[0-9]{6}" in html
    assert rules(acme) == MaskingRules()


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"variables": "deny_recording"}, "e-variables"),
        ({"menus": "\n".join(f"m{n}" for n in range(501))}, "e-menus"),
        ({"menus": "m" * 201}, "e-menus"),
        ({"name": ["a", "A"], "pattern": ["abc", "def"]}, "e-masking"),
    ],
)
def test_what_cannot_be_saved_is_told_where_it_stands(
    administrator: Visitor, change: dict[str, Any], place: str
) -> None:
    answer = administrator.post("/masking", **{**FORM, **change, "step": "save"})

    assert answer.status_code == 422
    assert f'id="{place}"' in text_of(answer)


def test_somebody_elses_change_is_not_undone_unseen(
    administrator: Visitor, acme: Tenant
) -> None:
    administrator.post("/masking", **{**FORM, "step": "save"})
    answer = administrator.post("/masking", **{**FORM, "menus": "", "step": "save"})

    assert answer.status_code == 409
    assert rules(acme).menus == ("Kod", "Pin")
    again = {**FORM, "menus": "", "version": "1", "step": "save"}
    assert 'name="version" value="1"' in text_of(answer)
    assert administrator.post("/masking", **again).status_code == 303
    assert rules(acme).menus == ()


def test_the_page_is_for_those_who_may_change_settings(cleo: User, bo: User) -> None:
    for user in (cleo, bo):
        visitor = Visitor().enters(user)
        assert visitor.get("/masking").status_code == 403
        assert visitor.post("/masking", **FORM, step="save").status_code == 403
        assert 'href="/masking"' not in text_of(visitor.get("/search"))


def test_an_unknown_step_is_none(administrator: Visitor) -> None:
    assert administrator.post("/masking", **FORM, step="?").status_code == 400
