"""Restricted content on pages: its sign, its purposes, and what a zip leaves out."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import openpyxl  # type: ignore[import-untyped]
import pytest

from tests.api.test_restricted import answered, restricted
from tests.portal.visiting import Visitor, text_of
from valv.archive.models import Interaction
from valv.core.answers import Answer, Purpose
from valv.core.permissions import RIGHTS_OF_ROLE, Right, Role
from valv.storage import scope
from valv.tenants.models import Tenant, User


@pytest.fixture
def visitor(alma: User) -> Visitor:
    return Visitor().enters(alma)


@pytest.fixture
def listener(bo: User, acme: Tenant) -> Visitor:
    """Bo, who may hear and download, but not what is restricted."""
    with scope.writing(acme.id):
        rights = RIGHTS_OF_ROLE[Role.ARCHIVE_USER]
        User.objects.filter(id=bo.id).update(rights=sorted(rights))
    assert Right.RESTRICTED not in rights
    return Visitor().enters(bo)


def purposes_in(page: str) -> list[str]:
    found = re.search(r'<select name="purpose".*?</select>', page, re.DOTALL)
    return re.findall(r'value="(\w+)"', found[0]) if found else []


def test_the_page_offers_what_was_granted(visitor: Visitor, acme: Tenant) -> None:
    call = restricted(acme, quality=Answer.YES, training=Answer.NO)

    page = text_of(visitor.get(f"/interactions/{call}"))

    assert "Begränsad inspelning" in page
    assert purposes_in(page) == ["recording", "quality", "legal"]


def test_without_the_right_there_is_a_sign_and_no_button(
    listener: Visitor, acme: Tenant
) -> None:
    call = restricted(acme, quality=Answer.YES)

    page = text_of(listener.get(f"/interactions/{call}"))

    assert "Begränsad inspelning" in page
    assert "rätt till begränsat innehåll" in page
    assert purposes_in(page) == []
    assert "/play" not in page
    assert "/mp3" not in page


def play(visitor: Visitor, call: int, **fields: str) -> Any:
    return visitor.asks(f"/interactions/{call}/recordings/1/play", **fields)


def test_it_plays_for_the_purpose_and_the_log_says_which(
    visitor: Visitor, acme: Tenant
) -> None:
    call = restricted(acme, quality=Answer.YES)

    answer = play(visitor, call, purpose="quality")

    sound = re.search(r'src="(/plays/[\w-]+)"', text_of(answer))
    assert sound is not None
    assert visitor.get(sound[1]).status_code == 200
    assert "ändamål: Kvalitet" in text_of(visitor.get("/audit-log"))


@pytest.mark.parametrize(
    ("fields", "says"),
    [({}, "purpose_required"), ({"purpose": "training"}, "purpose_refused")],
)
def test_a_refusal_names_its_rule_on_the_page(
    visitor: Visitor, acme: Tenant, fields: dict[str, str], says: str
) -> None:
    call = restricted(acme)

    answer = play(visitor, call, **fields)

    assert answer.status_code == 403
    assert says in text_of(answer)
    assert "nekades begränsat innehåll" in text_of(visitor.get("/audit-log"))


ACTS: dict[str, str] = {
    "play": "recordings/1/play",
    "mp3": "recordings/1/mp3",
    "log": "chat-log/see",
    "xml": "chat-log/xml",
    "transcript": "transcripts/1/see",
}


@pytest.mark.parametrize("act", ACTS)
def test_every_way_asks_for_right_and_purpose(
    visitor: Visitor, listener: Visitor, acme: Tenant, act: str
) -> None:
    call = restricted(acme, quality=Answer.NO)
    place = f"/interactions/{call}/{ACTS[act]}"

    assert visitor.post(place).status_code == 403
    assert visitor.post(place, purpose="quality").status_code == 403
    assert listener.post(place, purpose="legal").status_code == 403
    assert visitor.post(place, purpose="legal").status_code == 200


def test_a_handle_closes_when_the_person_refuses(
    visitor: Visitor, acme: Tenant
) -> None:
    call = restricted(acme, quality=Answer.YES)
    found = re.search(
        r'src="(/plays/[\w-]+)"', text_of(play(visitor, call, purpose="quality"))
    )
    assert found is not None
    assert visitor.get(found[1]).status_code == 200

    answered(acme, call, Purpose.QUALITY, Answer.NO)

    assert visitor.get(found[1]).status_code == 403
    assert visitor.get(f"{found[1]}/peaks").status_code == 403
    assert visitor.entries("deny")[0].details["rule"] == "purpose_refused"


def test_a_handle_made_before_it_was_restricted_closes_too(
    visitor: Visitor, acme: Tenant
) -> None:
    call = restricted(acme)
    with scope.writing(acme.id):
        Interaction.objects.filter(id=call).update(restricted=False)
    found = re.search(r'src="(/plays/[\w-]+)"', text_of(play(visitor, call)))
    assert found is not None
    with scope.writing(acme.id):
        Interaction.objects.filter(id=call).update(restricted=True)

    assert visitor.get(found[1]).status_code == 403


@pytest.fixture
def taken() -> Callable[..., str]:
    """Take all recordings of all hits out, as somebody; answers the job's address."""

    def take(visitor: Visitor, **fields: Any) -> str:
        hits = visitor.post("/search", **{"from": "2026-01-01"})
        told = {"action": "download-recordings", "scope": "all", **fields}
        job = str(visitor.post(f"{hits['Location']}/act", **told)["Location"])
        assert visitor.post(job, step="prepare").status_code == 303
        return job

    return take


def zipped(visitor: Visitor, job: str) -> tuple[int, int]:
    """How many recordings are in it, and how many it says are locked."""
    answer = visitor.get(f"{job}/files/1")
    archive = ZipFile(BytesIO(answer.getvalue()))
    *names, manifest = archive.namelist()
    sheet = openpyxl.load_workbook(BytesIO(archive.read(manifest))).active
    said = [str(cell) for row in sheet.iter_rows(values_only=True) for cell in row]
    return len(names), sum(one.startswith("Restricted:") for one in said)


def lay_three(acme: Tenant) -> None:
    """One that is free, one that quality is granted for, one that it is refused for."""
    free = restricted(acme, session="A")
    restricted(acme, session="B", quality=Answer.YES)
    restricted(acme, session="C", quality=Answer.NO)
    with scope.writing(acme.id):
        Interaction.objects.filter(id=free).update(restricted=False)


@pytest.mark.parametrize(
    ("fields", "there", "left_out"), [({}, 1, 2), ({"purpose": "quality"}, 2, 1)]
)
def test_a_zip_leaves_out_what_is_locked_and_says_how_many(
    visitor: Visitor,
    acme: Tenant,
    taken: Callable[..., str],
    fields: dict[str, str],
    there: int,
    left_out: int,
) -> None:
    lay_three(acme)

    assert zipped(visitor, taken(visitor, **fields)) == (there, left_out)
    *each, whole = visitor.entries("download")
    assert (len(each), whole.content) == (there, "prepared_file")


def test_without_the_right_a_purpose_is_no_key_to_a_zip(
    listener: Visitor, acme: Tenant, taken: Callable[..., str]
) -> None:
    lay_three(acme)

    assert zipped(listener, taken(listener, purpose="legal")) == (1, 2)


def test_when_all_are_locked_one_is_told_so(
    visitor: Visitor, acme: Tenant, taken: Callable[..., str]
) -> None:
    restricted(acme)

    job = taken(visitor)

    assert visitor.get(f"{job}/files/1").status_code == 404
    assert "<li><b>1</b> <span>begränsad, stängd" in text_of(visitor.get(job))
