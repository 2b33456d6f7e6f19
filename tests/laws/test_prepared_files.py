"""Law 6 and 10: a prepared file dies in a day, and at once with anything in it.

Whatever ends a content, or cuts its person, ends every file it is in: no living key
opens it, and its bytes are gone. Cut short, nothing opens.
"""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from tests.cast import OPERATOR, make_token
from tests.intake.asking import Source
from tests.laws.laying import PHONE, Laid, ago, blobs, lay, living
from tests.laws.test_every_act_is_entered import a_log_that_cannot_be_written
from tests.laws.test_shared_copies import (
    delete,
    expire,
    forget_all,
    forget_person,
    night,
    refuse,
)
from valv.archive.models import Content, Interaction, PreparedFile, PreparedPart
from valv.audit.models import Entry
from valv.core.errors import Busy
from valv.core.retention import FOREVER, StorageTimes
from valv.lifecycle import jobs, kinds, preparing
from valv.lifecycle.files import end_old_files
from valv.sharing.archive_zip import archive_zip
from valv.storage import blobstore, scope
from valv.storage.keys import KeyKind
from valv.tenants.file_names import set_file_names
from valv.tenants.operations import set_storage_times

pytestmark = pytest.mark.django_db(transaction=True)
LATER = "+46709999998"


@pytest.fixture
def laid(source: Source) -> Laid:
    laid = lay(source, "ours", days=10)
    kept = StorageTimes(general=FOREVER)
    set_storage_times(source.tenant, kept, actor=OPERATOR, now=ago(0))
    return laid


def post(source: Source, path: str = "/jobs", **asked: object) -> Any:
    return source.ask("POST", path, msgspec.json.encode(asked)).json()


def download(source: Source, laid: Laid, **asked: Any) -> Any:
    wanted = [laid.call, laid.chat]
    return post(source, kind="download", interactions=wanted, **asked)


def fetched(source: Source, job: Any, n: int = 1, **headers: str) -> Any:
    return source.ask("GET", f"/jobs/{job['id']}/files/{n}", b"", **headers)


def names(answer: Any) -> list[str]:
    assert answer.status_code == 200, answer
    return ZipFile(BytesIO(answer.getvalue())).namelist()


def kept(source: Source) -> tuple[set[Any], set[str]]:
    of_content = {one for one in living(source.tenant) if one[0] == KeyKind.CONTENT}
    return of_content, blobs(source.tenant)


def begin_restriction(source: Source, phone: str) -> None:
    officer = Source(source.tenant, make_token(source.tenant), source.client)
    asked = {"phone": [phone], "reason": "Contested"}
    answer = officer.ask("POST", "/restrictions", msgspec.json.encode(asked))
    assert answer.status_code == 201, answer.content


def restrict(source: Source, laid: Laid) -> None:
    """GDPR 18: what is restricted is shown to nobody, in no file either."""
    begin_restriction(source, PHONE)


def restrict_coming(source: Source, laid: Laid) -> None:
    """It comes under a restriction by what is told of it later."""
    begin_restriction(source, LATER)
    source.put("ours-chat", identifiers={"phone": LATER})


def forget_but_for_raw_data(source: Source, laid: Laid) -> None:
    """Nobody is said to be found nowhere, and the call is cut all the same."""
    officer = Source(source.tenant, make_token(source.tenant), source.client)
    cut: Any = {"phone": [PHONE], "anonymise_in": ["archive", "surveys"]}
    assert post(officer, kind="forget", **cut)["status"] == "done"


def correct(source: Source, laid: Laid, to: str = "+46709999997") -> None:
    """Whom the call is with is put right (GDPR 16)."""
    officer = Source(source.tenant, make_token(source.tenant), source.client)
    body = msgspec.json.encode({"kind": "phone", "value": to, "reason": "Misheard"})
    answer = officer.ask("POST", f"/interactions/{laid.call}/correction", body)
    assert answer.status_code == 204, answer.content


def correct_to_restricted(source: Source, laid: Laid) -> None:
    """It comes under a restriction by being put right."""
    begin_restriction(source, LATER)
    correct(source, laid, LATER)


def end_old(source: Source, laid: Laid) -> None:
    end_old_files(source.tenant, now=ago(-1.01))


ENDS: dict[str, Callable[[Source, Laid], None]] = {
    "deleted": delete,
    "expired": expire,
    "interaction gone": forget_all,
    "refused": refuse,
    "anonymised": forget_person,
    "anonymised in part": forget_but_for_raw_data,
    "restricted": restrict,
    "restricted later": restrict_coming,
    "corrected": correct,
    "corrected to one restricted": correct_to_restricted,
    "over": end_old,
    "over, at night": lambda source, _: night(source, ahead=2),
}


@pytest.mark.parametrize("how", ENDS)
def test_a_file_goes_with_anything_in_it_and_on_time(
    source: Source, laid: Laid, how: str
) -> None:
    before = kept(source)
    job = download(source, laid)
    assert job["status"] == "done"
    assert len(names(fetched(source, job))) == 4

    ENDS[how](source, laid)

    assert fetched(source, job).status_code == 410
    assert source.rows(PreparedFile) + source.rows(PreparedPart) == []
    assert kept(source)[0] <= before[0]
    assert kept(source)[1] <= before[1]


def test_what_is_inside_is_named_as_the_tenant_says(source: Source, laid: Laid) -> None:
    set_file_names(source.tenant, "{session} part {n}", actor=OPERATOR, now=ago(0))

    found = names(fetched(source, download(source, laid)))

    assert "ours-call part 1.mp3" in found


def test_each_fetch_is_entered_and_may_be_of_a_part(source: Source, laid: Laid) -> None:
    job = download(source, laid)

    answer = fetched(source, job, Range="bytes=0-3")

    assert (answer.status_code, answer.getvalue()) == (206, b"PK\x03\x04")
    *each, whole = source.rows(Entry, action="download")
    assert {(e.interaction_id, e.content) for e in each} == {
        *((int(laid.call), one) for one in ("recording:1", "transcript:1")),
        (int(laid.chat), "chat_log:1"),
    }
    assert (whole.interaction_id, whole.content) == (None, "prepared_file")
    with a_log_that_cannot_be_written():
        assert fetched(source, job).status_code == 500


def test_what_goes_while_a_file_is_made_is_in_none(
    source: Source, laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    made, going = archive_zip, [delete]

    def meeting(*args: Any, **more: Any) -> Iterator[bytes]:
        yield from made(*args, **more)
        while going:
            going.pop()(source, laid)

    monkeypatch.setattr(preparing, "archive_zip", meeting)
    job = download(source, laid)

    (file,) = job["files"]
    assert (job["status"], file["contents"]) == ("done", 2)
    assert job["progress"]["without"] == 1
    assert not [one for one in names(fetched(source, job, file["n"])) if "chat" in one]
    rows = source.rows(PreparedFile) + source.rows(Content)
    assert {id_ for _, id_ in kept(source)[0]} <= {one.id for one in rows}


def test_a_download_is_there_for_who_asked_for_it_alone(
    source: Source, laid: Laid
) -> None:
    job = download(source, laid)
    other = Source(source.tenant, make_token(source.tenant), source.client)

    ways = [("GET", ""), ("GET", "/files/1"), ("POST", "/pause"), ("POST", "/continue")]
    answers = [other.ask(how, f"/jobs/{job['id']}{way}") for how, way in ways]

    assert [answer.status_code for answer in answers] == [404] * len(ways)


def test_a_store_that_fails_leaves_nothing_that_opens(
    source: Source, laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept(source)

    def fail(*_: object) -> int:
        raise Busy("no room")

    with monkeypatch.context() as broken:
        broken.setattr(type(blobstore.store()), "put", fail)
        job = download(source, laid)

    assert (job["status"], job["failed"], job["files"]) == ("partly", True, [])
    assert kept(source) == before
    again = post(source, f"/jobs/{job['id']}/continue")
    assert (again["status"], len(again["files"])) == ("done", 1)


def test_a_job_is_paused_gone_on_with_and_cancelled(
    source: Source, laid: Laid, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "BATCH", 1)
    monkeypatch.setattr(preparing, "MOST_MEMBERS", 1)
    before, tenant = kept(source), source.tenant
    job = download(source, laid, when="never")
    job_id = int(job["id"])
    jobs.approve(tenant, job_id, at_night=False, now=ago(0))
    kinds.run(tenant, job_id, now=ago(0), most=1)

    paused = post(source, f"/jobs/{job_id}/pause")
    assert (paused["progress"]["done"], len(paused["files"])) == (1, 1)
    kinds.run_waiting(tenant, now=ago(0), preparing=True)
    assert len(source.rows(PreparedFile)) == 1
    jobs.go_on(tenant, job_id)
    kinds.run_waiting(tenant, now=ago(0))
    assert len(source.rows(PreparedFile)) == 1
    kinds.run(tenant, job_id, now=ago(0), most=1)
    assert len(source.rows(PreparedFile)) == 2
    post(source, f"/jobs/{job_id}/cancel")

    assert source.rows(PreparedFile) == []
    assert kept(source) == before


def test_what_comes_under_a_restriction_since_it_was_planned_is_in_no_file(
    source: Source, laid: Laid
) -> None:
    job = download(source, laid, when="never")
    restrict(source, laid)

    done = post(source, f"/jobs/{job['id']}/approve")

    assert done["progress"]["without"] == 1
    inside = fetched(source, done)
    assert not [one for one in names(inside) if "call" in one]
    assert laid.call.encode() not in inside.getvalue()
    assert not source.rows(Entry, action="download", interaction_id=int(laid.call))


def test_what_is_restricted_leaves_for_what_was_granted_alone(
    source: Source, laid: Laid
) -> None:
    with scope.writing(source.tenant.id):
        Interaction.objects.filter(id=laid.call).update(restricted=True)

    plain = download(source, laid)
    bare = download(source, laid, purpose="quality")

    for job in (plain, bare):  # the token has not the right to it
        assert (job["places"]["locked"], job["progress"]["refused"]) == (1, 1)
        assert len(names(fetched(source, job))) == 2


def test_what_is_restricted_since_is_not_fetched(source: Source, laid: Laid) -> None:
    job = download(source, laid)
    with scope.writing(source.tenant.id):
        Interaction.objects.filter(id=laid.call).update(restricted=True)

    assert fetched(source, job).status_code == 403
