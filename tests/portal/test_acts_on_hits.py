"""Acts on many hits: what leaves, what goes, what is asked first, what is noted."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pytest

from tests.held import AUDIO, lay_chat_log, lay_content, lay_interaction, lay_transcript
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentState, Media
from valv.core.permissions import Right
from valv.storage import scope
from valv.tenants.models import Tenant, User

DELETE = {"action": "delete-recordings", "scope": "all"}
CONFIRMED = {**DELETE, "confirmed": "yes", "reason": "Asked for"}


@pytest.fixture
def visitor(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def act(visitor: Visitor) -> Callable[..., Any]:
    """Acts on the hits of a search for the last week."""
    address = visitor.post("/search")["Location"]

    def act(**fields: Any) -> Any:
        return visitor.post(f"{address}/act", **fields)

    return act


def recorded(tenant: Tenant, session: str = "S1", *, held: bool = False) -> int:
    at = datetime.now(UTC) - timedelta(hours=1)
    number = lay_interaction(tenant, session=session, started_at=at, held=held)
    lay_content(tenant, number)
    return number


def chatted(tenant: Tenant, session: str = "C1") -> int:
    at = datetime.now(UTC) - timedelta(hours=1)
    number = lay_interaction(tenant, session=session, started_at=at, media=Media.CHAT)
    lay_chat_log(tenant, number)
    return number


def states_of(tenant: Tenant, number: int) -> set[str]:
    with scope.reading(tenant.id):
        rows = Content.objects.filter(interaction_id=number)
        return {ContentState.numbered(row.state).value for row in rows}


def zipped(answer: Any) -> ZipFile:
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "application/zip"
    return ZipFile(BytesIO(answer.getvalue()))


def test_all_recordings_of_a_search_leave_in_one_file(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    numbers = {recorded(acme, "S1"), recorded(acme, "S2")}
    chatted(acme)

    archive = zipped(act(action="download-recordings", scope="all"))

    assert [archive.read(name) for name in archive.namelist()] == [AUDIO, AUDIO]
    entries = visitor.entries("download")
    assert {(e.interaction_id, e.content) for e in entries} == {
        (number, "recording:1") for number in numbers
    }


def test_only_what_was_chosen_leaves(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    chosen, _ = chatted(acme, "C1"), chatted(acme, "C2")

    archive = zipped(act(action="download-chat-logs", id=[str(chosen)]))

    assert len(archive.namelist()) == 1
    (entry,) = visitor.entries("download")
    assert (entry.interaction_id, entry.content) == (chosen, "chat_log:1")


def test_the_spreadsheet_holds_the_chosen(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    chosen, _ = recorded(acme, "S1"), recorded(acme, "S2")

    answer = act(action="xlsx", id=[str(chosen)])

    sheet = openpyxl.load_workbook(BytesIO(answer.getvalue())).active
    assert sheet is not None
    assert [row[0].value for row in sheet.iter_rows(min_row=2)] == [str(chosen)]
    (entry,) = visitor.entries("export")
    assert entry.details == {"form": "xlsx", "by": ["chosen"]}


def test_the_spreadsheet_holds_all_hits(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    for n in range(3):
        recorded(acme, f"S{n}")

    answer = act(action="xlsx", scope="all")

    sheet = openpyxl.load_workbook(BytesIO(answer.getvalue())).active
    assert sheet is not None
    assert sheet.max_row == 4
    assert visitor.entries("export")[0].details == {"form": "xlsx", "by": ["start"]}


def test_before_anything_goes_one_is_asked(
    act: Callable[..., Any], acme: Tenant
) -> None:
    number = recorded(acme, "S1")
    recorded(acme, "S2", held=True)
    chatted(acme)

    page = text_of(act(**DELETE))

    assert "Ta bort 1 inspelning?" in page
    assert "raderingsspärr" in page
    assert "1 av träffarna har inget sådant." in page
    assert 'name="scope" value="all"' in page
    assert states_of(acme, number) == {"present"}


def test_confirmed_recordings_go_and_those_held_stay(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    numbers = {recorded(acme, "S1"), recorded(acme, "S2")}
    held, chat = recorded(acme, "S3", held=True), chatted(acme)

    answer = act(**CONFIRMED)

    assert answer.status_code == 303
    assert all(states_of(acme, number) == {"deleted"} for number in numbers)
    assert states_of(acme, held) == states_of(acme, chat) == {"present"}
    entries = visitor.entries("delete")
    assert {(e.interaction_id, e.content, e.reason) for e in entries} == {
        (number, "recording:1", "Asked for") for number in numbers
    }
    told = text_of(visitor.get(answer["Location"]))
    assert "2 inspelningar har tagits bort." in told


def test_a_transcript_goes_with_its_recording(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    number = recorded(acme)
    lay_transcript(acme, number)

    act(**CONFIRMED)

    assert states_of(acme, number) == {"deleted"}
    assert {e.content for e in visitor.entries("delete")} == {
        "recording:1",
        "transcript:1",
    }
    with scope.reading(acme.id):
        assert Interaction.objects.get(id=number).flags == 0


def test_a_deletion_done_twice_changes_nothing(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)

    act(**CONFIRMED)
    act(**CONFIRMED)

    assert len(visitor.entries("delete")) == 1


@pytest.mark.parametrize("reason", ["  ", "Ask anna@example.com", "0701234567"])
def test_without_a_reason_that_names_nobody_nothing_goes(
    act: Callable[..., Any], acme: Tenant, reason: str
) -> None:
    number = recorded(acme)

    answer = act(**{**CONFIRMED, "reason": reason})

    assert answer.status_code == 422
    assert 'aria-describedby="e-reason"' in text_of(answer)
    assert states_of(acme, number) == {"present"}


def test_in_a_dialog_the_question_is_a_part_of_the_page(
    visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)
    address = visitor.post("/search")["Location"]

    box = text_of(visitor.asks(f"{address}/act", **DELETE))

    assert "confirm-title" in box
    assert "<html" not in box


def test_where_there_is_nothing_one_is_told(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    chatted(acme)

    for fields in (DELETE, {"action": "download-recordings", "scope": "all"}):
        answer = act(**fields)
        assert answer.status_code == 303
        assert "Ingen av träffarna" in text_of(visitor.get(answer["Location"]))


def test_nothing_chosen_does_nothing(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)

    answer = act(**{**CONFIRMED, "scope": "selected"})

    assert "Inget är valt" in text_of(visitor.get(answer["Location"]))
    assert visitor.entries("delete") == []


def test_what_is_another_tenants_is_not_there(
    act: Callable[..., Any], acme: Tenant, borealis: Tenant
) -> None:
    theirs, ours = recorded(borealis), recorded(acme)

    fields = {**CONFIRMED, "scope": "selected", "id": [str(theirs), str(ours)]}
    act(**fields)

    assert states_of(borealis, theirs) == {"present"}
    assert states_of(acme, ours) == {"deleted"}


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"action": "forget", "scope": "all"}, 400),
        ({"scope": "all"}, 400),
        ({"action": "xlsx", "id": ["x"]}, 404),
        ({"action": "xlsx", "id": [str(n) for n in range(501)]}, 400),
    ],
)
def test_what_makes_no_sense_is_refused(
    act: Callable[..., Any], acme: Tenant, fields: dict[str, Any], status: int
) -> None:
    assert act(**fields).status_code == status


@pytest.mark.parametrize(
    ("action", "needed"),
    [
        ("download-recordings", Right.DOWNLOAD),
        ("download-chat-logs", Right.BULK),
        ("delete-recordings", Right.DELETE),
        ("delete-chat-logs", Right.BULK),
        ("xlsx", Right.EXPORT),
    ],
)
def test_each_act_needs_its_right(
    act: Callable[..., Any],
    visitor: Visitor,
    alma: User,
    action: str,
    needed: Right,
) -> None:
    with scope.writing(alma.tenant_id):
        rights = [right for right in alma.rights if right != needed.value]
        User.objects.filter(id=alma.id).update(rights=rights)

    answer = act(action=action, scope="all", confirmed="yes", reason="x")

    assert answer.status_code == 403
    assert [entry.actor for entry in visitor.entries("deny")] == ["Alma"]


def test_one_acts_on_ones_own_search_alone(
    visitor: Visitor, acme: Tenant, cleo: User, dag: User
) -> None:
    number = recorded(acme)
    address = visitor.post("/search")["Location"]

    for other in (cleo, dag):
        answer = Visitor().enters(other).post(f"{address}/act", **CONFIRMED)
        assert answer.status_code == 404
    assert states_of(acme, number) == {"present"}


def test_one_acts_by_post_alone(visitor: Visitor, acme: Tenant) -> None:
    address = visitor.post("/search")["Location"]

    assert visitor.get(f"{address}/act").status_code == 405


def test_many_go_in_batches(
    act: Callable[..., Any],
    visitor: Visitor,
    acme: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("valv.portal.bulk.BATCH", 2)
    numbers = [recorded(acme, f"S{n}") for n in range(5)]

    act(**CONFIRMED)

    assert all(states_of(acme, number) == {"deleted"} for number in numbers)
    assert len(visitor.entries("delete")) == 5


def test_what_takes_too_long_stops_and_says_so(
    act: Callable[..., Any],
    visitor: Visitor,
    acme: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("valv.portal.bulk.SECONDS", -1.0)
    number = recorded(acme)

    answer = act(**CONFIRMED)

    assert "Det finns fler" in text_of(visitor.get(answer["Location"]))
    assert states_of(acme, number) == {"present"}


def test_chat_logs_go_as_recordings_do(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    chat, call = chatted(acme), recorded(acme)

    act(**{**CONFIRMED, "action": "delete-chat-logs"})

    assert states_of(acme, chat) == {"deleted"}
    assert states_of(acme, call) == {"present"}
    assert [e.content for e in visitor.entries("delete")] == ["chat_log:1"]
