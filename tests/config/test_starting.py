"""What is refused at the start: one sentence that says what to do, and exit code 1."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from valv.config import env, secrets
from valv.core.errors import Misconfigured

OURS = ("VALV_", "DJANGO_")


def valv(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as an operator would, with these settings and no others."""
    others = {k: v for k, v in os.environ.items() if not k.startswith(OURS)}
    return subprocess.run(
        [sys.executable, "-m", "valv.config.main", *words],
        env={**others, **environment},
        input="a-long-enough-password\n",
        capture_output=True,
        text=True,
        check=False,
    )


def assert_refused(done: subprocess.CompletedProcess[str], *, saying: str) -> None:
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert line.startswith("valv: ")
    assert saying in line


@pytest.mark.parametrize(
    ("name", "value", "saying"),
    [
        ("VALV_DATABASE_URL", "mysql://x", "postgresql://"),
        ("VALV_DATABASE_URL", "postgresql://u:secret@localhost:port/x", "URL"),
        ("VALV_PUBLIC_URL", "http://[::1", "VALV_PUBLIC_URL"),
        ("VALV_TRUSTED_PROXY", "maybe", "1 or 0"),
        ("VALV_THREADS", "0", "whole number"),
        ("VALV_MASTER_KEY", "abc", "32 bytes"),
        ("VALV_MASTER_KEY_FILE", "/nowhere", "cannot be read"),
        ("VALV_LANGUAGE", "", "valv init"),
    ],
)
def test_a_wrong_setting_stops_the_start(
    tmp_path: Path, name: str, value: str, saying: str
) -> None:
    settings = {"VALV_DATA": str(tmp_path / "none"), name: value}
    done = valv("search", "--json", **settings)

    assert_refused(done, saying=saying)
    assert "secret" not in done.stderr
    assert not (tmp_path / "none").exists()


def test_a_store_that_is_none_or_keys_that_are_gone_are_missed(tmp_path: Path) -> None:
    data = str(tmp_path)
    login = ("--admin", "a@example.com", "--password-stdin")
    assert valv("init", "--tenant", "acme", *login, VALV_DATA=data).returncode == 0
    wrong = valv("doctor", VALV_DATA=data, VALV_BLOBS_URL="ftp://x")
    assert_refused(wrong, saying="s3://")
    for file in tmp_path.glob("keys.sqlite3*"):
        file.unlink()

    assert_refused(valv("doctor", VALV_DATA=data), saying="key database")
    assert not (tmp_path / "keys.sqlite3").exists()


def test_a_key_file_out_of_reach_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: Path) -> bool:
        raise PermissionError(13, "denied")

    monkeypatch.delenv("VALV_MASTER_KEY", raising=False)
    monkeypatch.delenv("VALV_MASTER_KEY_FILE", raising=False)
    monkeypatch.setattr(Path, "exists", fail)
    with pytest.raises(Misconfigured, match=r"master\.key cannot be read"):
        secrets.master_key(tmp_path)


@pytest.mark.parametrize("url", ["nonsense", "ftp://x", "http://", "http://x:port"])
def test_a_public_address_is_one_of_the_web(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("VALV_PUBLIC_URL", url)
    with pytest.raises(Misconfigured):
        env.web_address("VALV_PUBLIC_URL", "http://localhost")
