"""Words that are kept in plain, with a number or an address in them: by their hash."""

import json

import pytest

from tests.intake.asking import Source, event
from valv.archive.models import Agent, Interaction, Queue, Session, Topic

START = "2026-11-20T09:00:00.000Z"
LEADING = ["Callback 070-123 45 67", "anna@example.com"]


def found(source: Source, name: str, value: str) -> list[str]:
    asked = json.dumps({name: value}).encode()
    answer = source.ask("POST", "/interactions/search", asked).json()
    return [item["session_id"] for item in answer["items"]]


@pytest.mark.parametrize("word", LEADING)
def test_a_word_that_leads_to_somebody_is_kept_as_its_hash(
    source: Source, word: str
) -> None:
    source.put(
        "S1",
        started_at=START,
        queue=word,
        agents=[{"id": word, "name": word}],
        outcome=word,
        registration=[{"category": word, "topic": word}],
    )

    item = source.item("S1")
    (topic,) = source.rows(Topic)
    words = [item["queue"], item["outcome"], topic.category, topic.name]
    (agent,) = source.rows(Agent)
    for stored in [*words, agent.source_id, agent.name]:
        assert stored.startswith("hashed-")
    assert word not in str(item)


@pytest.mark.parametrize("word", LEADING)
@pytest.mark.parametrize("name", ["queue", "agent", "outcome", "session"])
def test_the_word_itself_still_finds_it(source: Source, word: str, name: str) -> None:
    source.put(word, started_at=START, queue=word, agents=[word], outcome=word)
    source.put("S2", started_at=START, queue="Support", agents=["a7"], outcome="ok")

    (session,) = found(source, name, word)

    assert session.startswith("hashed-")
    assert len(source.rows(Session)) == 2


def test_it_is_one_agent_and_queue_whichever_way_it_comes(source: Source) -> None:
    agent, queue = "alma@acme.example", "Kö 08-123 456 78"
    source.put("S1", started_at=START, queue=queue, agents=[agent])
    source.tell(
        event(0, "session.started", media="phone", session="S2"),
        event(1, "queue.entered", queue=queue, session="S2"),
        event(2, "agent.connected", agent=agent, name="Alma", session="S2"),
        event(3, "recording.started", n=1, agent=agent, session="S2"),
    )

    assert len(source.rows(Agent)) == len(source.rows(Queue)) == 1
    assert source.item("S1")["agents"] == source.item("S2")["agents"]
    assert source.item("S2")["agents"] == ["Alma"]


def test_a_call_id_is_kept_as_it_is(source: Source) -> None:
    source.put("a84b4c76e66710@pc33.atlanta.example", started_at=START)

    (row,) = source.rows(Interaction)
    assert row.session_id == "a84b4c76e66710@pc33.atlanta.example"
