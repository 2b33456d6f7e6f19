"""Long transfers over HTTP: while all places are held, all else is answered."""

import re
from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.api.conftest import Asker
from tests.held import AUDIO, lay_content, lay_interaction
from tests.laws.fields import START
from tests.portal.visiting import Visitor
from valv.api.endpoint import Endpoint
from valv.api.urls import ENDPOINTS
from valv.audit.models import Entry
from valv.sharing.transfers import Way, places
from valv.storage import scope
from valv.tenants.models import Tenant, User

LONG = AUDIO * 6
FORMS = ("application/zip", "audio/", "application/x-ndjson", "application/vnd.")
SOUNDS_IN = {"/interactions/{session_id}/recordings/{n}", "/vcons"}


@pytest.fixture
def call(acme: Tenant) -> int:
    made = lay_interaction(acme)
    lay_content(acme, made, body=LONG)
    return made


@pytest.fixture
def all_held(settings: Settings) -> Iterator[None]:
    """As if others fetched and sent on every place there is."""
    settings.VALV_THREADS = 1
    for way in Way:
        assert places(way).acquire(blocking=False)
    yield
    for way in Way:
        places(way).release()


def acts(tenant: Tenant) -> list[str]:
    with scope.reading(tenant.id):
        entries = Entry.objects.exclude(action__in=["sign_in", "setting"])
        return list(entries.values_list("action", flat=True))


def is_long(one: Endpoint) -> bool:
    made = one.answers.get(200)
    return isinstance(made, str) and made.startswith(FORMS) and one.method == "GET"


def test_every_endpoint_of_files_and_sounds_takes_a_place() -> None:
    long = {one.path for one in ENDPOINTS if is_long(one)}
    out = {one.path for one in ENDPOINTS if one.transfers is Way.OUT}
    taken_in = {one.path for one in ENDPOINTS if one.transfers is Way.IN}

    assert out == long
    assert taken_in == SOUNDS_IN


@pytest.mark.usefixtures("all_held")
def test_who_comes_too_much_is_told_to_come_again_and_nothing_is_entered(
    acme: Tenant, ask: Asker, call: int
) -> None:
    for method, path in (
        ("GET", f"/interactions/{call}/recordings/1"),
        ("GET", "/interactions.xlsx"),
        ("GET", "/raw-events"),
        ("PUT", "/interactions/S2/recordings/1"),
        ("POST", "/vcons"),
    ):
        answer = ask(method, path, data=b"{}")
        assert (answer.status_code, answer["Retry-After"]) == (503, "1"), path
    assert acts(acme) == []


@pytest.mark.usefixtures("all_held")
def test_all_else_is_answered_meanwhile(ask: Asker, call: int) -> None:
    body = f'{{"started_at": "{START}"}}'.encode()

    assert ask("GET", "/interactions").status_code == 200
    assert ask("HEAD", "/interactions.xlsx").status_code == 200
    assert ask("GET", f"/interactions/{call}").status_code == 200
    assert ask("PUT", "/interactions/S3", data=body).status_code == 201


@pytest.mark.usefixtures("all_held")
def test_the_portal_searches_and_plays_on_and_fetches_later(
    alma: User, acme: Tenant, call: int
) -> None:
    visitor = Visitor().enters(alma)
    address = visitor.post("/search")["Location"]
    at = f"/interactions/{call}/recordings/1"
    for path, fields in (
        (f"{at}/mp3", {}),
        (f"{address}/act", {"action": "xlsx", "scope": "all"}),
        ("/surveys.xlsx", {}),
    ):
        answer = visitor.post(path, **fields)
        assert (answer.status_code, answer["Retry-After"]) == (503, "1"), path
    assert "download" not in acts(acme)
    assert "export" not in acts(acme)

    played = visitor.post(f"{at}/play").content.decode()
    (audio,) = set(re.findall(r'"(/plays/[\w-]+)"', played))
    heard = visitor.get(audio, Range="bytes=0-")
    assert visitor.get(address).status_code == 200
    assert (heard.status_code, len(heard.content)) == (206, 1024 * 1024)
    assert heard["Content-Range"] == f"bytes 0-1048575/{len(LONG)}"
