"""Asking why on pages: in a dialog, or without script on a page of its own."""

from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest

from tests.cast import NOW, OPERATOR
from tests.portal.spoken import tell_call
from tests.portal.visiting import Visitor, text_of
from valv.core.reasons import Needs
from valv.tenants.models import Tenant, User
from valv.tenants.reasons import reasons_of, set_reasons


@pytest.fixture
def visitor(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def call(acme: Tenant) -> str:
    """A call in a tenant that asks why, whatever is done."""
    told = tell_call(acme)
    set_reasons(acme, required=Needs, proposed=["Klagomål"], actor=OPERATOR, now=NOW)
    return str(told)


def test_without_script_a_page_asks_and_the_act_goes_on(
    visitor: Visitor, call: str
) -> None:
    play = f"/interactions/{call}/recordings/1/play"

    asked = visitor.post(play, purpose="quality")

    html = text_of(asked)
    assert asked.status_code == 422
    assert f'action="{play}"' in html
    assert '<option value="Klagomål">' in html
    assert 'name="purpose" value="quality"' in html
    assert visitor.entries("play") == []
    assert visitor.post(play, reason="Klagomål").status_code == 200
    assert [one.reason for one in visitor.entries("play")] == ["Klagomål"]


def test_with_script_a_dialog_asks_over_the_page(visitor: Visitor, call: str) -> None:
    play = f"/interactions/{call}/recordings/1/play"
    headers = {"HX-Request": "true", "HX-Target": "recording-1"}

    asked = visitor.client.post(play, headers=headers)

    assert asked.status_code == 200
    assert asked["HX-Retarget"] == "#dialog-body"
    assert 'hx-target="#recording-1"' in text_of(asked)
    assert "<html" not in text_of(asked)


def test_a_reason_that_cannot_be_is_asked_for_anew(visitor: Visitor, call: str) -> None:
    play = f"/interactions/{call}/recordings/1/play"

    asked = visitor.post(play, reason="en\x07rad")

    assert 'aria-invalid="true"' in text_of(asked)
    assert visitor.entries("play") == []


def act(visitor: Visitor, action: str, **fields: str) -> Any:
    place = visitor.post("/search")["Location"]
    return visitor.post(f"{place}/act", action=action, scope="all", **fields)


def test_a_spreadsheet_of_hits_asks_and_its_entry_has_the_reason(
    visitor: Visitor, call: str
) -> None:
    asked = act(visitor, "xlsx")
    assert 'name="action" value="xlsx"' in text_of(asked)
    assert visitor.entries("export") == []

    answer = act(visitor, "xlsx", reason="Klagomål")

    assert ZipFile(BytesIO(answer.getvalue())).namelist()
    assert [one.reason for one in visitor.entries("export")] == ["Klagomål"]


def test_a_job_on_hits_asks_and_each_of_its_entries_has_the_reason(
    visitor: Visitor, call: str
) -> None:
    job = act(visitor, "download-recordings")["Location"]
    assert visitor.post(job, step="prepare").status_code == 422
    assert visitor.entries("download") == []

    assert visitor.post(job, step="prepare", reason="Klagomål").status_code == 303

    assert [one.reason for one in visitor.entries("download")] == ["Klagomål"]


@pytest.mark.parametrize("path", ["/surveys.xlsx", "/raw-data/xlsx"])
def test_every_file_asks(visitor: Visitor, call: str, path: str) -> None:
    assert visitor.post(path).status_code == 422
    assert visitor.post(path, reason="Klagomål").status_code == 200


def test_the_setting_is_a_page(visitor: Visitor, acme: Tenant) -> None:
    visitor.post("/settings/reasons", required=["play"], proposed="Ett\n\nTvå")

    acme.refresh_from_db()
    assert reasons_of(acme).as_json() == {
        "required": ["play"],
        "proposed": ["Ett", "Två"],
    }
    html = text_of(visitor.get("/settings/reasons"))
    assert 'value="play" checked' in html
    assert 'value="delete" checked' not in html


def test_what_cannot_be_proposed_stays_in_the_form(visitor: Visitor) -> None:
    answer = visitor.post("/settings/reasons", proposed="Ring 0701234567")

    assert answer.status_code == 422
    assert "0701234567</textarea>" in text_of(answer)


def test_the_setting_is_not_for_everyone(bo: User) -> None:
    assert Visitor().enters(bo).get("/settings/reasons").status_code == 403
