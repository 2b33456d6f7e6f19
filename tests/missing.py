"""What this machine lacks: named, remembered, never passed over in silence.

A test that needs a part which is not installed calls ``missing``. On a developer's
machine the test is skipped and the run ends with the list of what was left out and
how to get it; with ``VALV_STRICT=1`` it fails.
"""

import os
from typing import NoReturn

import pytest

LEFT_OUT: dict[str, str] = {}


def missing(part: str, how_to_get: str) -> NoReturn:
    """Leave the running test out for want of ``part``, or fail it if strict."""
    LEFT_OUT[part] = how_to_get
    reason = f"{part} is missing; to get it: {how_to_get}"
    if os.environ.get("VALV_STRICT") == "1":
        pytest.fail(reason, pytrace=False)
    pytest.skip(reason)


def left_out_lines() -> list[str]:
    """Say what was left out, one line each, for the end of the run."""
    return [f"{part}: {how}" for part, how in sorted(LEFT_OUT.items())]
