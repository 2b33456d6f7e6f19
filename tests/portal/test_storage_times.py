"""Changing storage times: typed, previewed, saved."""

import pytest

from tests.lifecycle.archive_of_ages import lay_ages
from tests.portal.visiting import Visitor, text_of
from valv.core.moments import to_millisecond
from valv.core.retention import FOREVER, StorageTimes, Stored
from valv.portal.doors import clock
from valv.storage import scope
from valv.tenants.models import Tenant, User
from valv.tenants.queries import storage_times

AGES = (0, 10, 20)


@pytest.fixture
def officer(cleo: User) -> Visitor:
    return Visitor().enters(cleo)


def form(**changed: str) -> dict[str, str]:
    """The form as it stands for the times that a tenant begins with."""
    modes = {f"{stored}_mode": "follow" for stored in Stored}
    usual = {
        "version": "1",
        "general_mode": "days", "general_days": "180",
        "recordings_mode": "days", "recordings_days": "14",
        "chat_logs_mode": "days", "chat_logs_days": "30",
        "log_entries_mode": "days", "log_entries_days": "92",
        "scores_mode": "days", "scores_days": "0",
    }  # fmt: skip
    return modes | usual | changed


def in_force(tenant: Tenant) -> StorageTimes:
    with scope.reading(tenant.id):
        return storage_times()


def test_the_page_shows_what_is_in_force_and_in_store(
    officer: Visitor, acme: Tenant
) -> None:
    lay_ages(acme, to_millisecond(clock()), AGES)

    html = text_of(officer.get("/storage-times"))

    assert 'name="recordings_days" inputmode="numeric" maxlength="5" value="14"' in html
    assert "180 dagar" in html
    assert '<td class="num">6</td>' in html


def test_a_preview_says_what_a_change_would_take_and_changes_nothing(
    officer: Visitor, acme: Tenant
) -> None:
    lay_ages(acme, to_millisecond(clock()), AGES)

    answer = officer.post("/storage-times", step="preview", **form(recordings_days="5"))

    html = text_of(answer)
    assert "<del>14 dagar</del>" in html
    assert "<ins>5 dagar</ins>" in html
    assert '<b class="bad">2</b>' in html
    assert in_force(acme) == StorageTimes()


@pytest.mark.parametrize(("days", "says_so"), [("0", False), ("3", True)])
def test_a_preview_says_that_the_change_waits_first(
    officer: Visitor, days: str, *, says_so: bool
) -> None:
    officer.post("/storage-times/how", wait_days=days)

    answer = officer.post("/storage-times", step="preview", **form(recordings_days="5"))

    assert ("Den väntar innan den gäller" in text_of(answer)) is says_so


def test_a_preview_without_a_change_says_so(officer: Visitor) -> None:
    html = text_of(officer.post("/storage-times", step="preview", **form()))

    assert "Inget skulle ändras" in html


def test_what_is_saved_holds_and_is_entered(officer: Visitor, acme: Tenant) -> None:
    answer = officer.post(
        "/storage-times",
        step="save",
        **form(recordings_days="5", surveys_mode="ever", chat_logs_mode="follow"),
    )

    assert answer.status_code == 303
    assert in_force(acme) == StorageTimes(recordings=5, chat_logs=None, surveys=FOREVER)
    assert officer.entries("setting")[-1].actor == "Cleo"
    assert "sparade" in text_of(officer.get("/storage-times"))


@pytest.mark.parametrize("days", ["", "-1", "1.5", "36501", "soon", "9" * 400, "٣"])
def test_what_is_no_number_of_days_is_a_fault_at_its_class(
    officer: Visitor, acme: Tenant, days: str
) -> None:
    answer = officer.post("/storage-times", step="save", **form(recordings_days=days))

    assert answer.status_code == 422
    assert 'id="e-recordings"' in text_of(answer)
    assert in_force(acme) == StorageTimes()


def test_general_information_follows_nothing(officer: Visitor, acme: Tenant) -> None:
    answer = officer.post("/storage-times", step="save", **form(general_mode="follow"))

    assert answer.status_code == 422
    assert in_force(acme) == StorageTimes()


def test_half_a_form_changes_nothing(officer: Visitor, acme: Tenant) -> None:
    answer = officer.post("/storage-times", step="save", recordings_days="1")

    assert answer.status_code == 422
    assert in_force(acme) == StorageTimes()


def test_another_tenants_times_stay(
    officer: Visitor, acme: Tenant, borealis: Tenant
) -> None:
    officer.post("/storage-times", step="save", **form(recordings_days="5"))

    assert in_force(borealis) == StorageTimes()
