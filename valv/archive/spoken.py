"""What was said, in writing, as it is shown: chat logs and transcripts.

They are stored with speakers by role alone. A name is joined when one is shown, and
only while it is held: the visitor's from the interaction, the agent's if there was one.
"""

from collections.abc import Iterable, Mapping

import msgspec

from valv.archive import identifiers, vocabulary
from valv.archive.identifiers import Shown
from valv.archive.models import Interaction
from valv.core.interaction import ChatLog, Sender, Transcript
from valv.core.moments import format_moment

ANONYMISED = "Anonymiserad"  # in files and over the API, whatever the language
Names = Mapping[Sender, str]


class ShownMessage(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """One line of a chat; ``name`` is null when it is not known, or was forgotten."""

    at: str
    sender: Sender
    name: str | None
    text: str


class ShownChatLog(msgspec.Struct, frozen=True):
    """A chat log with the names that are still held."""

    interaction_id: str
    session_id: str
    messages: list[ShownMessage]


class ShownUtterance(msgspec.Struct, frozen=True, rename={"sender": "from"}):
    """One thing said, ``seconds`` into the recording where that is known."""

    seconds: float | None
    sender: Sender
    name: str | None
    text: str


class ShownTranscript(msgspec.Struct, frozen=True):
    """What was said in recording ``n``, with the names that are still held."""

    interaction_id: str
    session_id: str
    n: int
    vendor: str | None
    utterances: list[ShownUtterance]


def names_of(interaction: Interaction) -> Names:
    """Who the roles were, as far as it is still known. Needs the tenant's scope.

    Whoever was cut reads *Anonymiserad*, as in the archive this one follows.
    """
    return names_of_each([interaction])[interaction.id]


def names_of_each(interactions: Iterable[Interaction]) -> dict[int, Names]:
    """As ``names_of``, for many with as few statements as for one."""
    listed = list(interactions)
    ids = {one.name_id for one in listed if one.name_id is not None}
    shown = identifiers.reveal(listed[0].tenant_id, ids) if ids else {}
    alone = [one.agent_ids[0] for one in listed if len(one.agent_ids) == 1]
    agents = vocabulary.agent_names(alone) if alone else {}
    return {one.id: _names(one, shown, agents) for one in listed}


def _names(
    interaction: Interaction, shown: Mapping[int, Shown], agents: Mapping[int, str]
) -> Names:
    found: dict[Sender, str] = {}
    if interaction.anonymised_at is not None:
        found[Sender.CUSTOMER] = ANONYMISED
    name = None if interaction.name_id is None else shown.get(interaction.name_id)
    if name is not None:
        found[Sender.CUSTOMER] = name.shown
    if len(interaction.agent_ids) == 1 and interaction.agent_ids[0] in agents:
        found[Sender.AGENT] = agents[interaction.agent_ids[0]]
    return found


def chat_log_from(body: bytes, interaction: Interaction, names: Names) -> ShownChatLog:
    log = msgspec.json.decode(body, type=ChatLog)
    return ShownChatLog(
        interaction_id=str(interaction.id),
        session_id=interaction.session_id,
        messages=[
            ShownMessage(
                format_moment(one.at), one.sender, names.get(one.sender), one.text
            )
            for one in log.messages
        ],
    )


def transcript_from(
    body: bytes, interaction: Interaction, names: Names
) -> ShownTranscript:
    written = msgspec.json.decode(body, type=Transcript)
    return ShownTranscript(
        interaction_id=str(interaction.id),
        session_id=interaction.session_id,
        n=written.n,
        vendor=written.vendor,
        utterances=[
            ShownUtterance(one.seconds, one.sender, names.get(one.sender), one.text)
            for one in written.utterances
        ],
    )
