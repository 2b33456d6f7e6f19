"""Who is who in a vCon: the customer, the agents, and the others.

Roles decide, where there are any (``role``, or ``meta.role`` in older ones). Without
roles the originator is the customer of an inbound contact and the agent of an
outbound one. An agent's numbers are no identifiers; neither are a bot's.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from valv.core.interaction import AgentRef, Direction, Sender, decoded
from valv.core.vcon_fields import Object, indices, text, under

_STAFF = frozenset({"agent", "supervisor", "sme"})
_SENDERS = {
    "agent": Sender.AGENT,
    "assistant": Sender.AGENT,
    "bot": Sender.BOT,
    "system": Sender.SYSTEM,
    "customer": Sender.CUSTOMER,
}


@dataclass(frozen=True, slots=True)
class Parties:
    """The parties of one vCon, each with the role it turned out to have."""

    parties: Sequence[Object]
    senders: tuple[Sender, ...]

    def sender(self, index: int | None) -> Sender:
        known = index is not None and 0 <= index < len(self.senders)
        return self.senders[index] if known and index is not None else Sender.CUSTOMER

    def speaker(self, said_by: object) -> Sender:
        """The role of whoever a transcript names, by index, role or name."""
        if isinstance(said_by, int):
            return self.sender(said_by)
        word = said_by.strip().lower() if isinstance(said_by, str) else ""
        for party, sender in zip(self.parties, self.senders, strict=True):
            if word and word == (text(party, "name") or "").lower():
                return sender
        return _SENDERS.get(word.rstrip(" 0123456789:_"), Sender.CUSTOMER)

    def agents(self) -> list[AgentRef]:
        return [
            decoded(
                {"id": agent_id(party, index), "name": text(party, "name")}, AgentRef
            )
            for index, party in enumerate(self.parties)
            if self.senders[index] is Sender.AGENT
        ]

    def agent_of(self, dialog: Object) -> str | None:
        """The id of the first agent who takes part in a dialog."""
        for index in indices(dialog.get("parties")):
            if index < len(self.parties) and self.senders[index] is Sender.AGENT:
                return agent_id(self.parties[index], index)
        return None

    def outsiders(self) -> list[dict[str, str | None]]:
        """The identifiers of everyone outside, the customer first."""
        outside = [
            (_role(party) != "customer", _identifiers(party))
            for party, sender in zip(self.parties, self.senders, strict=True)
            if sender is Sender.CUSTOMER
        ]
        ordered = sorted(outside, key=lambda pair: pair[0])
        return [known for _, known in ordered if any(known.values())]


def agent_id(party: Object, index: int) -> str:
    return text(party, "uuid", "name") or f"agent {index}"


def parties_of(
    parties: Sequence[Object], *, dialogs: Sequence[Object], direction: Direction | None
) -> Parties:
    """Settle everyone's role."""
    senders = [_sender(party) for party in parties]
    if not any(_role(party) for party in parties):
        _settle_without_roles(senders, dialogs=dialogs, direction=direction)
    return Parties(parties, tuple(senders))


def _sender(party: Object) -> Sender:
    kind = (text(party, "type") or "").lower()
    if kind in {"bot", "organization"}:
        return Sender.BOT if kind == "bot" else Sender.SYSTEM
    return Sender.AGENT if _role(party) in _STAFF else Sender.CUSTOMER


def _role(party: Object) -> str:
    return (text(party, "role") or text(under(party, "meta"), "role") or "").lower()


def _settle_without_roles(
    senders: list[Sender], *, dialogs: Sequence[Object], direction: Direction | None
) -> None:
    originator = next(
        (o for o in map(originator_of, dialogs) if o is not None and o < len(senders)),
        0,
    )
    for index, sender in enumerate(senders):
        is_agent = (index == originator) is (direction is Direction.OUTBOUND)
        if sender is Sender.CUSTOMER and is_agent:
            senders[index] = Sender.AGENT


def originator_of(dialog: Object) -> int | None:
    """Who began it: the ``originator``, else the first of its parties."""
    named = next(indices(dialog.get("originator")), None)
    return named if named is not None else next(indices(dialog.get("parties")), None)


def _identifiers(party: Object) -> dict[str, str | None]:
    return {
        "phone": text(party, "tel", "sip"),
        "email": text(party, "mailto", "email"),
        "name": text(party, "name"),
        "handle": text(party, "handle", "did"),
    }
