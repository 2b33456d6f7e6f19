"""How a run in parallel is dealt out: file by file, the S3 store to one worker.

The S3 store takes much memory; one is enough, as it is of the archives that browsers
look at. The files that take longest come first, so that no worker waits for another at
the end.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        if "/browser/" in file and "test_pages" not in file:
            return "browser"
        return "s3" if "s3" in file or "[s3" in test else file


LONGEST = ("crash/", "journeys/", "browser/", "laws/test_nothing_in_plain", "laws/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    path = item.nodeid.removeprefix("tests/")
    found = (turn for turn, start in enumerate(LONGEST) if path.startswith(start))
    return next(found, len(LONGEST))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    config.option.loadscopereorder = False
    return FileByFile(config, log)
