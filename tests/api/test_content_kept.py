"""Which content a tenant keeps, by API and on its page, and what then comes in."""

from typing import Any

import msgspec
import pytest

from tests.api.conftest import Asker
from tests.cast import make_token
from tests.intake.asking import Source, event
from tests.portal.visiting import Visitor, text_of
from valv.core.permissions import Scope
from valv.tenants.models import Tenant, User

PATH = "/settings/content"
OFF = {"social_content": False, "keep_original_audio": False}


def put(ask: Asker, **stated: object) -> Any:
    return ask("PUT", PATH, data=msgspec.json.encode(stated), content_type="text/json")


def test_all_are_off_as_one_begins(ask: Asker) -> None:
    assert ask("GET", PATH).json() == OFF


def test_what_is_not_named_stays_and_what_changes_is_entered(ask: Asker) -> None:
    assert put(ask, social_content=True).json() == {**OFF, "social_content": True}
    put(ask, social_content=True)

    entries = [e.details for e in ask.entries("setting")]
    assert [told for told in entries if told["setting"] == "content_kept"] == [
        {
            "setting": "content_kept",
            "changes": [{"what": "social_content", "from": False, "to": True}],
        }
    ]
    assert ask("GET", PATH).json()["keep_original_audio"] is False


@pytest.mark.parametrize("stated", [{"email_bodies": True}, {"social_content": "yes"}])
def test_there_is_no_other_switch(ask: Asker, stated: dict[str, object]) -> None:
    assert put(ask, **stated).status_code == 422
    assert ask("GET", PATH).json() == OFF


def test_it_takes_the_scope(acme: Tenant) -> None:
    ask = Asker(acme, (Scope.READ, Scope.INTAKE))

    assert ask("GET", PATH).status_code == 403
    assert put(ask, social_content=True).status_code == 403


@pytest.mark.parametrize("kept", [True, False])
@pytest.mark.django_db(transaction=True)
def test_social_content_comes_in_if_it_is_kept(acme: Tenant, kept: bool) -> None:
    source = Source(acme, make_token(acme), Source.of(acme).client)
    source.ask("PUT", PATH, msgspec.json.encode({"social_content": kept}))
    said = [{"at": "2026-11-20T09:00:01Z", "from": "customer", "text": "Hi"}]
    source.put("S1", started_at="2026-11-20T09:00:00Z", media="social")

    answer = source.put_chat_log("S1", said)
    told = source.tell(
        event(0, "session.started", session="S2", media="social"),
        event(1, "chat.message", session="S2", from_="customer", text="Hi"),
    )

    assert answer.status_code == (201 if kept else 403)
    rules = [one["rule"] for one in told["refused"]]
    assert rules == ([] if kept else ["social_content"])
    assert source.item("S2")["media"] == "social"


def test_the_page_switches_them(alma: User) -> None:
    visitor = Visitor().enters(alma)
    assert "Vad som lagras" in text_of(visitor.get("/settings/content"))

    visitor.post("/settings/content", keep_original_audio="on")

    page = text_of(visitor.get("/settings/content"))
    assert page.count(" checked") == 1
    assert "ändrade vilket innehåll" in text_of(visitor.get("/audit-log"))


def test_the_page_is_for_those_who_set_things(bo: User) -> None:
    assert Visitor().enters(bo).get("/settings/content").status_code == 403
