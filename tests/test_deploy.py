"""What `deploy/` gives an operator keeps as Valv itself does: no request in a log."""

from pathlib import Path

import pytest

DEPLOY = Path(__file__).parents[1] / "deploy"


@pytest.mark.parametrize(
    ("file", "line"),
    [
        ("nginx.conf", "access_log off;"),
        ("nginx.conf", "error_log /dev/null emerg;"),
        ("Caddyfile", "exclude http.log.error"),
    ],
)
def test_no_proxy_logs_an_address_that_was_asked_for(file: str, line: str) -> None:
    assert line in _lines(file)


@pytest.mark.parametrize("file", ["valv.service", "valv-work.service"])
def test_no_key_is_dumped_or_swapped_out(file: str) -> None:
    assert {"LimitCORE=0", "MemorySwapMax=0"} <= _lines(file)


def _lines(file: str) -> set[str]:
    text = (DEPLOY / file).read_text(encoding="utf-8")
    return {line.partition("#")[0].strip() for line in text.splitlines()}
