"""Raw data: looked through, seen under its interaction, and taken out."""

import json
from io import BytesIO

import pytest
from openpyxl import load_workbook  # type: ignore[import-untyped]

from tests.cast import make_user
from tests.portal.spoken import NUMBER, tell_call
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Identifier, RawEvent
from valv.core.events import TYPES
from valv.core.permissions import Role
from valv.storage import scope
from valv.tenants.models import Tenant, User

DAY = {"from": "2026-11-23", "to": "2026-11-23"}


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def forget(tenant: Tenant) -> None:
    """What forgetting does first: the identifier opens no more."""
    from valv.archive.models import Epoch

    with scope.writing(tenant.id):
        Identifier.objects.update(hash=None, sealed=None)
        Epoch.objects.update_or_create(defaults={"epoch": 99})


def test_the_list_shows_events_with_all_their_fields(
    officer: Visitor, acme: Tenant
) -> None:
    tell_call(acme)

    html = text_of(officer.post("/raw-data", **DAY))

    assert "session.started" in html
    assert f"identifiers.phone</span> {NUMBER}" in html
    assert "variables.order</span> A-1047" in html
    (entry,) = officer.entries("see")
    assert (entry.content, entry.details["by"]) == ("raw_data", ["from", "to"])


def test_types_and_sessions_narrow_it(officer: Visitor, acme: Tenant) -> None:
    tell_call(acme, "one")
    tell_call(acme, "two")

    html = text_of(officer.post("/raw-data", type=["menu.entered"], session="two"))

    assert html.count('<td class="code c-type">') == 1
    assert '<td class="code c-type">menu.entered</td>' in html
    assert officer.entries("see")[-1].details["by"] == ["session", "type"]


def test_a_date_that_is_none_shows_nothing(officer: Visitor, acme: Tenant) -> None:
    answer = officer.post("/raw-data", **{"from": "yesterday"})

    assert answer.status_code == 422
    assert officer.entries("see") == []


def test_pages_follow_each_other(
    officer: Visitor, acme: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell_call(acme)
    whole = text_of(officer.post("/raw-data", **DAY)).count("c-type")
    monkeypatch.setattr("valv.portal.views.raw_data.ON_A_PAGE", 2)
    seen, after = 0, ""

    while True:
        html = text_of(officer.post("/raw-data", **DAY, after=after))
        seen += html.count("c-type")
        if 'name="after" value="' not in html:
            break
        after = html.split('name="after" value="')[1].split('"')[0]

    assert seen == whole


def test_whoever_is_forgotten_is_anonymised_there(
    officer: Visitor, acme: Tenant
) -> None:
    number = tell_call(acme)
    forget(acme)

    html = text_of(officer.post("/raw-data", **DAY))
    alone = text_of(officer.asks(f"/interactions/{number}/raw-data"))

    for shown in (html, alone):
        assert NUMBER not in shown
        assert "A-1047" not in shown
        assert "Anonymiserad" in shown
        assert "session.started" in shown


def test_under_its_interaction_it_is_an_act_of_its_own(
    officer: Visitor, acme: Tenant
) -> None:
    number = tell_call(acme)
    page = text_of(officer.get(f"/interactions/{number}"))
    assert "queue.entered" not in page

    part = text_of(officer.asks(f"/interactions/{number}/raw-data"))
    whole = text_of(officer.post(f"/interactions/{number}/raw-data"))

    assert "queue.entered" in part
    assert "<html" not in part
    assert "queue.entered" in whole
    seen = [e for e in officer.entries("see") if e.content == "raw_events"]
    assert [str(entry.interaction_id) for entry in seen] == [number, number]


def test_without_raw_data_there_is_no_button(officer: Visitor, acme: Tenant) -> None:
    number = tell_call(acme)
    with scope.writing(acme.id):
        RawEvent.objects.all().delete()

    assert (
        "raw-data"
        not in text_of(officer.get(f"/interactions/{number}")).split("<main")[1]
    )


def test_it_needs_its_right(acme: Tenant, bo: User) -> None:
    number = tell_call(acme)
    visitor = Visitor().enters(bo)

    assert "raw-data" not in text_of(visitor.get(f"/interactions/{number}"))
    for path in ("/raw-data", "/raw-data/xlsx", f"/interactions/{number}/raw-data"):
        assert visitor.post(path).status_code == 403


def test_another_tenants_interaction_is_as_good_as_none(
    acme: Tenant, dag: User
) -> None:
    number = tell_call(acme)
    stranger = Visitor().enters(dag)

    assert stranger.post(f"/interactions/{number}/raw-data").status_code == 404
    assert "c-type" not in text_of(stranger.post("/raw-data", **DAY))


def test_it_is_taken_out_as_lines(officer: Visitor, acme: Tenant) -> None:
    tell_call(acme)

    answer = officer.post("/raw-data/ndjson", **DAY, type=["menu.entered"])

    told = [json.loads(line) for line in answer.getvalue().splitlines()]
    assert [one["data"]["menu"] for one in told] == ["Val 1"]
    assert 'filename="raw-events_2' in answer["Content-Disposition"]
    (entry,) = officer.entries("export")
    assert (entry.content, entry.details) == (
        "raw_data",
        {"form": "ndjson", "by": ["from", "to", "type"]},
    )


def test_it_is_taken_out_as_a_spreadsheet(officer: Visitor, acme: Tenant) -> None:
    tell_call(acme)

    answer = officer.post("/raw-data/xlsx", **DAY)

    head, first, *_ = load_workbook(BytesIO(answer.getvalue())).active.values
    row = dict(zip(head, first, strict=True))
    assert (row["Type"], row["media"]) == ("session.started", "phone")
    assert f"phone={NUMBER}" in row["identifiers"]
    assert row["variables"] == "order=A-1047"
    assert {"digits", "queue", "from", "score"} <= set(head)


def test_a_spreadsheet_has_a_column_for_every_field() -> None:
    from msgspec.structs import fields

    from valv.sharing.raw_event_files import FIELDS

    told = {field.encode_name for type_ in TYPES.values() for field in fields(type_)}

    assert set(FIELDS) == told


def test_taking_it_out_needs_the_right_to_export(acme: Tenant) -> None:
    user = make_user("eva", acme, role=Role.ARCHIVE_USER)
    visitor = Visitor().enters(user)

    assert visitor.post("/raw-data/ndjson", **DAY).status_code == 403
    assert visitor.entries("export") == []
