"""How a run in parallel is dealt out: file by file, the S3 store to one worker.

Starting the S3 store takes a quarter of a minute and much memory; once is enough.
"""

from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return "s3" if "s3" in file or "[s3" in test else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    return FileByFile(config, log)
