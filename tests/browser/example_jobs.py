"""Made-up jobs on many hits: downloads and deletions, planned and done."""

from dataclasses import replace
from datetime import timedelta

from tests.cast import NOW
from valv.portal.contexts.jobs import FileRow, JobsPage, JobsRow, ManyPage, Undone
from valv.portal.contexts.privacy import JobProgress

COUNTS = (
    ("archive", 1204), ("with_content", 1100), ("without_any", 80),
    ("without_deleted", 4), ("without_expired", 20), ("locked", 7),
)  # fmt: skip


def _row(n: int, what: str, state: str, *, files: int = 0, held: int = 0) -> JobsRow:
    at = NOW - timedelta(hours=5 * n)
    return JobsRow(f"/jobs/{n}", at, what, state, 1204 // n, files, held)


def my_jobs() -> JobsPage:
    return JobsPage(
        (
            _row(1, "download-recording", "running"),
            _row(2, "download-chat_log", "done", files=1),
            _row(3, "delete-recording", "partly", held=2),
            _row(4, "delete-chat_log", "cancelled"),
        )
    )


def no_jobs() -> JobsPage:
    return JobsPage()


def _page(what: str, state: str, *, done: int = 0) -> ManyPage:
    progress = JobProgress(
        state, "/jobs/1/state", done, 1204, is_going=state == "running"
    )
    return ManyPage("1", what, NOW, "Alma", progress, counts=COUNTS)


def download_plan() -> ManyPage:
    return _with(
        _page("download-recording", "planned"),
        may_cancel=True,
        proposed=("Complaint", "Quality"),
    )


def downloaded() -> ManyPage:
    until = NOW + timedelta(hours=20)
    name = "recordings_2026-11-23_140500_1.zip"
    undone = [Undone(f"/interactions/{n}", NOW, "refused") for n in range(3)]
    return _with(
        _page("download-recording", "done", done=1204),
        results=(("done", 1100), ("refused", 7), ("without", 97)),
        files=(FileRow("/jobs/1/files/1", name, 1100, 734_003_200, until),),
        gone=1,
        undone=tuple(undone),
    )


def deletion_plan() -> ManyPage:
    return _with(
        _page("delete-recording", "planned"),
        counts=(*COUNTS, ("held", 2)),
        is_deletion=True,
        reason_required=True,
        fault="Write why they are deleted.",
    )


def deletion() -> ManyPage:
    return _with(
        _page("delete-recording", "running", done=400),
        is_deletion=True,
        may_cancel=True,
        results=(("done", 400), ("waiting", 804)),
    )


def _with(page: ManyPage, **more: object) -> ManyPage:
    return replace(page, **more)  # type: ignore[arg-type]
