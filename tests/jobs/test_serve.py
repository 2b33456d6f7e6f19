"""Where the server may listen."""

from collections.abc import Iterator
from ipaddress import ip_address
from socket import SO_REUSEPORT, SOL_SOCKET, socket

import pytest

from valv.jobs.command import FAILED, main
from valv.tenants.models import Tenant


@pytest.fixture(autouse=True)
def _keep_the_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """A command begins by closing connections, and with them the test's rows."""
    monkeypatch.setattr("valv.jobs.command.begin", lambda: None)


@pytest.fixture
def taken() -> Iterator[int]:
    """A port at which another server listens that would share it."""
    with socket() as other:
        other.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
        other.bind(("127.0.0.1", 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_port_is_not_shared(
    acme: Tenant, taken: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--port", str(taken), "--no-work"], user="root") == FAILED
    assert f"Port {taken} " in capsys.readouterr().err


def test_an_open_address_needs_tls(
    acme: Tenant, capsys: pytest.CaptureFixture[str]
) -> None:
    everywhere = str(ip_address(0))

    assert main(["serve", "--host", everywhere], user="root") == FAILED
    assert "--tls-certificate" in capsys.readouterr().err
