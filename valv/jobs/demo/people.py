"""The demo's people: callers, agents and queues, all invented.

Numbers are from ranges that are kept free for fiction: the Swedish ones of the Swedish
Post and Telecom Authority, the British ones of Ofcom. Addresses end in example.com,
.org or .net (RFC 2606). Refuses to be mistaken for anyone.
"""

import random
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Final

from valv.core.interaction import AgentRef, Party

QUEUES: Final = {
    "sv": {
        "billing": "Faktura", "delivery": "Leverans", "cards": "Kort och konto",
        "technical": "Teknisk support", "complaint": "Reklamation",
        "booking": "Bokning", "service": "Kundtjänst",
    },
    "en": {
        "billing": "Billing", "delivery": "Delivery", "cards": "Cards and accounts",
        "technical": "Technical support", "complaint": "Complaints",
        "booking": "Booking", "service": "Customer service",
    },
}  # fmt: skip
AGENTS: Final = {
    "sv": (
        AgentRef("1001", "Åsa Lindqvist"), AgentRef("1002", "Mehmet Ekdahl"),
        AgentRef("1003", "Örjan Söderström"), AgentRef("1004", "Linnea Björk"),
        AgentRef("1005", "Samira Holm"), AgentRef("1006", "Gustav Ågren"),
        AgentRef("1007", "Maja Öberg"), AgentRef("1008", "Elias Nyström"),
    ),
    "en": (
        AgentRef("2001", "Alice Hargreave"), AgentRef("2002", "Thomas Okonjo"),
        AgentRef("2003", "Priya Fairley"), AgentRef("2004", "Callum Reed"),
        AgentRef("2005", "Megan Ashdown"),
    ),
}  # fmt: skip

_FIRST: Final = {
    "sv": (
        "Anna Erik Maria Lars Karin Anders Kristina Johan Eva Per Lena Nils Emma Karl "
        "Sara Oskar Ingrid Björn Märta Åke Ebba Hugo Wilma Viktor Elsa Göran Astrid "
        "Håkan Sofia Leila Ali Fatima Jonas Birgitta Rolf Ulla Tove Malin Isak Saga"
    ),
    "en": (
        "Olivia George Amelia Arthur Isla Noah Ava Harry Grace Oscar Freya Leo Emily "
        "Jack Sophie Henry Ella Alfie Ruby Jacob Zara Owen Nina Patrick Imogen Rhys "
        "Farah Hamish Beth Dylan Clara Simon Joan Frank Edith Ravi Maya Ian Rose Kit"
    ),
}
_LAST: Final = {
    "sv": (
        "Andersson Berg Lund Sjöberg Öhman Ek Lindgren Nordin Åström Wallin Hedlund "
        "Fors Sandberg Dahl Ström Nyberg Holmgren Blom Sundin Forsberg Engström Bäck "
        "Hallgren Viklund Norén Ljung Ågren Löf Melin Rask"
    ),
    "en": (
        "Ashworth Bell Carver Dalton Ellery Fenwick Garland Hollis Ingram Jarvis Kemp "
        "Lockett Marsden Norwood Osgood Penrose Quill Rowley Sallow Thorne Underhill "
        "Vance Whitlock Yardley Barlow Crane Dunmore Easton Frost Gale"
    ),
}
# National number without its last digits, how many those are, first and last.
_FICTION: Final = {
    "sv": (
        ("+467017406", 2, 5, 99), ("+46313900", 3, 600, 699),
        ("+46406280", 3, 400, 499), ("+468465004", 2, 0, 99),
        ("+46980319", 3, 200, 299),
    ),
    "en": (("+447700900", 3, 0, 999),),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Person:
    """Someone outside; ``often`` is how much more often than others they call."""

    language: str
    first_name: str
    name: str
    phone: str
    email: str
    handle: str
    often: float

    def party(self, *kinds: str) -> Party:
        """Those of their identifiers that a medium shows."""
        return Party(**{kind: getattr(self, kind) for kind in kinds})


@cache
def people(seed: int, *, swedes: int = 460, others: int = 240) -> tuple[Person, ...]:
    """The same crowd for the same seed; no two share a number or an address."""
    chance = random.Random(seed)  # noqa: S311 - a story, not a secret
    crowd = [
        _person(language, phone, chance=chance)
        for language, count in (("sv", swedes), ("en", others))
        for phone in chance.sample(_numbers(language), count)
    ]
    return tuple(crowd)


def _person(language: str, phone: str, *, chance: random.Random) -> Person:
    first = chance.choice(_FIRST[language].split())
    last = chance.choice(_LAST[language].split())
    mailbox = f"{_plain(first)}.{_plain(last)}{phone[-3:]}"
    domain = chance.choice(["example.com", "example.org", "example.net"])
    return Person(
        language=language,
        first_name=first,
        name=f"{first} {last}",
        phone=phone,
        email=f"{mailbox}@{domain}",
        handle=f"@{_plain(first)}_{_plain(last)}_{phone[-4:]}",
        # A few call all the time, most hardly ever.
        often=chance.paretovariate(1.3),
    )


def _numbers(language: str) -> list[str]:
    return [
        f"{start}{number:0{digits}}"
        for start, digits, first, last in _FICTION[language]
        for number in range(first, last + 1)
    ]


def _plain(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.lower())
    return letters.encode("ascii", "ignore").decode()
