"""Acts on many hits: what leaves, what goes, what is asked first, what is noted."""

import re
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
from valv.lifecycle.models import Job
from valv.storage import scope
from valv.tenants.models import Tenant, User

DELETE = {"action": "delete-recordings", "scope": "all"}
DOWNLOAD = {"action": "download-recordings", "scope": "all"}


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


@pytest.fixture
def done(act: Callable[..., Any], visitor: Visitor) -> Callable[..., str]:
    """Does what is asked to the hits, for a reason; answers the job's address."""

    def done(reason: str = "Asked for", **fields: Any) -> str:
        job = str(act(**fields)["Location"])
        step = "delete" if fields["action"].startswith("delete") else "prepare"
        assert visitor.post(job, step=step, reason=reason).status_code == 303
        return job

    return done


def zipped(visitor: Visitor, job: str, n: int = 1) -> ZipFile:
    answer = visitor.get(f"{job}/files/{n}")
    assert answer.status_code == 200, answer
    assert answer["Content-Type"] == "application/zip"
    return ZipFile(BytesIO(answer.getvalue()))


def counted(page: str) -> dict[str, int]:
    found = re.findall(r"<li><b>(\d+)</b> <span>(.+?)</span></li>", page)
    return {said: int(count) for count, said in found}


def test_all_recordings_of_a_search_leave_in_one_file(
    done: Callable[..., str], visitor: Visitor, acme: Tenant
) -> None:
    numbers = {recorded(acme, "S1"), recorded(acme, "S2")}
    chatted(acme)

    archive = zipped(visitor, done(**DOWNLOAD))

    *names, manifest = archive.namelist()
    assert [archive.read(name) for name in names] == [AUDIO, AUDIO]
    assert manifest == "manifest.xlsx"
    entries = visitor.entries("download")
    assert {(e.interaction_id, e.content) for e in entries[:-1]} == {
        (number, "recording:1") for number in numbers
    }
    assert (entries[-1].interaction_id, entries[-1].content) == (None, "prepared_file")


def test_a_hold_keeps_nothing_out_of_a_file(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme, held=True)

    job = str(act(**DOWNLOAD)["Location"])
    visitor.post(job, step="prepare", reason="Asked for")

    with scope.reading(acme.id):
        assert Job.objects.get().places["held"] == 0
    assert len(zipped(visitor, job).namelist()) == 2


def test_only_what_was_chosen_leaves(
    done: Callable[..., str], visitor: Visitor, acme: Tenant
) -> None:
    chosen, _ = chatted(acme, "C1"), chatted(acme, "C2")

    done(action="download-chat-logs", id=[str(chosen)])

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

    answer = act(action=action, scope="all")

    assert answer.status_code == 403
    assert [entry.actor for entry in visitor.entries("deny")] == ["Alma"]


def test_one_acts_by_post_alone(visitor: Visitor, acme: Tenant) -> None:
    address = visitor.post("/search")["Location"]

    assert visitor.get(f"{address}/act").status_code == 405


def test_before_anything_goes_it_is_counted(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    number = recorded(acme, "S1")
    recorded(acme, "S2", held=True)
    chatted(acme)

    page = text_of(visitor.get(act(**DELETE)["Location"]))

    assert counted(page) == {
        "träffar": 3,
        "med innehåll": 2,
        "har aldrig haft något": 1,
        "blir kvar: raderingsspärr eller minsta lagringstid": 1,
    }
    assert states_of(acme, number) == {"present"}


def test_confirmed_recordings_go_and_those_held_stay(
    done: Callable[..., str], visitor: Visitor, acme: Tenant
) -> None:
    numbers = {recorded(acme, "S1"), recorded(acme, "S2")}
    held, chat = recorded(acme, "S3", held=True), chatted(acme)
    first = min(numbers)
    lay_transcript(acme, first)

    job = done(**DELETE)

    assert all(states_of(acme, number) == {"deleted"} for number in numbers)
    assert states_of(acme, held) == states_of(acme, chat) == {"present"}
    entries = [e for e in visitor.entries("delete") if e.interaction_id]
    assert {(e.interaction_id, e.content, e.reason) for e in entries} == {
        *((number, "recording:1", "Asked for") for number in numbers),
        (first, "transcript:1", "Asked for"),
    }
    kept = "kvar: raderingsspärr eller minsta lagringstid"
    counts = counted(text_of(visitor.get(job)))
    assert {"klara": 2, "utan innehåll": 1, kept: 1}.items() <= counts.items()
    with scope.reading(acme.id):
        assert Interaction.objects.get(id=first).flags == 0


@pytest.mark.parametrize("reason", ["  ", "en\x07rad"])
def test_without_a_reason_that_can_be_kept_nothing_goes(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant, reason: str
) -> None:
    number = recorded(acme)
    job = act(**DELETE)["Location"]

    answer = visitor.post(job, step="delete", reason=reason)

    assert answer.status_code == 422
    assert 'aria-describedby="e-reason"' in text_of(answer)
    assert states_of(acme, number) == {"present"}


def test_a_cancelled_job_does_nothing(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    number = recorded(acme)
    job = act(**DELETE)["Location"]

    visitor.post(job, step="cancel")

    assert visitor.post(job, step="delete", reason="Late").status_code == 409
    assert states_of(acme, number) == {"present"}


@pytest.mark.parametrize("action", ["delete-recordings", "download-recordings"])
def test_where_there_is_nothing_one_is_told(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant, action: str
) -> None:
    chatted(acme)

    answer = act(action=action, scope="all")

    assert "Ingen av träffarna" in text_of(visitor.get(answer["Location"]))


def test_nothing_chosen_does_nothing(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)

    answer = act(**{**DELETE, "scope": "selected"})

    assert "Inget är valt" in text_of(visitor.get(answer["Location"]))


def test_what_is_another_tenants_is_not_there(
    done: Callable[..., str], acme: Tenant, borealis: Tenant
) -> None:
    theirs, ours = recorded(borealis), recorded(acme)

    done(action="delete-recordings", id=[str(theirs), str(ours)])

    assert states_of(borealis, theirs) == {"present"}
    assert states_of(acme, ours) == {"deleted"}


def test_one_acts_on_ones_own_search_alone(
    visitor: Visitor, acme: Tenant, cleo: User, dag: User
) -> None:
    recorded(acme)
    address = visitor.post("/search")["Location"]

    for other in (cleo, dag):
        answer = Visitor().enters(other).post(f"{address}/act", **DELETE)
        assert answer.status_code == 404


def test_a_download_is_the_askers_own(
    done: Callable[..., str], visitor: Visitor, acme: Tenant, cleo: User, dag: User
) -> None:
    recorded(acme)
    job = done(**DOWNLOAD)

    for other in (cleo, dag):
        stranger = Visitor().enters(other)
        for path in (job, f"{job}/state", f"{job}/files/1"):
            assert stranger.get(path).status_code == 404
        assert job not in text_of(stranger.get("/jobs"))
    assert job in text_of(visitor.get("/jobs"))
    assert visitor.get(f"{job}/files/2").status_code == 404


def test_chat_logs_go_as_recordings_do(done: Callable[..., str], acme: Tenant) -> None:
    chat, call = chatted(acme), recorded(acme)

    done(action="delete-chat-logs", scope="all")

    assert states_of(acme, chat) == {"deleted"}
    assert states_of(acme, call) == {"present"}


def test_one_entry_says_what_a_job_on_a_whole_search_was_planned_for(
    act: Callable[..., Any], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)

    act(**DOWNLOAD)

    told = [e.details for e in visitor.entries("search") if "job" in e.details]
    assert [one["found"] for one in told] == [1]


def test_a_job_that_is_done_offers_nothing_and_counts_one_as_one(
    done: Callable[..., str], visitor: Visitor, acme: Tenant
) -> None:
    recorded(acme)

    page = text_of(visitor.get(done(**DOWNLOAD)))

    assert "1 av 1 förfrågning<" in page
    assert 'class="acts"' not in page.split("<main", 1)[1].split("</main")[0]
