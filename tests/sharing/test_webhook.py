"""One signed POST to a real server, and every way in which it may not be taken."""

import hashlib
import hmac
from collections.abc import Iterator

import pytest

from tests.cast import NOW
from tests.peers.receiver import Receiver, receiving
from valv.sharing.webhook import NotTaken, post

SECRET = "s3cret"
BODY = b'{"type":"test"}'


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as found:
        yield found


def send(url: str) -> None:
    post(url, BODY, secret=SECRET, at=NOW)


def test_what_is_sent_is_signed_over_time_and_body(receiver: Receiver) -> None:
    send(receiver.url)

    ((path, headers, body),) = receiver.came
    stamp, _, signed = headers["Valv-Signature"].partition(",v1=")
    expected = hmac.new(
        SECRET.encode(), stamp[2:].encode() + b"." + body, hashlib.sha256
    )
    assert (path, body) == ("/hook?from=valv", BODY)
    assert stamp == f"t={int(NOW.timestamp())}"
    assert signed == expected.hexdigest()
    assert headers["Content-Type"] == "application/json"


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_takes_it(receiver: Receiver, status: int) -> None:
    receiver.status = status

    send(receiver.url)


@pytest.mark.parametrize("status", [301, 307, 400, 401, 404, 410, 500, 503])
def test_anything_else_does_not(receiver: Receiver, status: int) -> None:
    receiver.status = status

    with pytest.raises(NotTaken, match=f"status {status}"):
        send(receiver.url)


def test_no_redirect_is_followed(receiver: Receiver) -> None:
    receiver.status, receiver.location = 307, receiver.url + "&again=1"

    with pytest.raises(NotTaken):
        send(receiver.url)

    assert len(receiver.came) == 1


def test_nobody_there_is_told_without_the_address(receiver: Receiver) -> None:
    with pytest.raises(NotTaken) as failure:
        send("http://127.0.0.1:1/secret-path")

    assert "secret-path" not in str(failure.value)
    assert "127.0.0.1" not in str(failure.value)


def test_an_answer_that_drips_is_not_waited_for(
    receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("valv.sharing.webhook.SECONDS", 0.5)
    receiver.drips = True

    with pytest.raises(NotTaken, match="TimeoutError"):
        send(receiver.url)


def test_a_certificate_that_nobody_vouches_for_is_not_trusted(
    receiver: Receiver,
) -> None:
    with pytest.raises(NotTaken, match="SSL"):
        send(receiver.url.replace("http:", "https:"))
