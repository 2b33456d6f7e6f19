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
_COLLEAGUES: Final = {
    "sv": (
        ("1001", "Åsa Lindqvist", "f"), ("1002", "Mehmet Ekdahl", "m"),
        ("1003", "Örjan Söderström", "m"), ("1004", "Linnea Björk", "f"),
        ("1005", "Samira Holm", "f"), ("1006", "Gustav Ågren", "m"),
        ("1007", "Maja Öberg", "f"), ("1008", "Elias Nyström", "m"),
    ),
    "en": (
        ("2001", "Alice Hargreave", "f"), ("2002", "Thomas Okonjo", "m"),
        ("2003", "Priya Fairley", "f"), ("2004", "Callum Reed", "m"),
        ("2005", "Megan Ashdown", "f"),
    ),
}  # fmt: skip

_FIRST: Final = {
    ("sv", "f"): "Anna Maria Karin Kristina Eva Lena Emma Sara Ingrid Märta Ebba Wilma "
    "Elsa Astrid Sofia Leila Fatima Birgitta Ulla Tove Malin Saga",
    ("sv", "m"): "Erik Lars Anders Johan Per Nils Karl Oskar Björn Åke Hugo Viktor "
    "Göran Håkan Ali Jonas Rolf Isak",
    ("en", "f"): "Olivia Amelia Isla Ava Grace Freya Emily Sophie Ella Ruby Zara Nina "
    "Imogen Farah Beth Clara Joan Edith Maya Rose",
    ("en", "m"): "George Arthur Noah Harry Oscar Leo Jack Henry Alfie Jacob Owen "
    "Patrick Rhys Hamish Dylan Simon Frank Ravi Ian Kit",
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
class Colleague:
    """An agent; ``sounds`` is f or m and picks the voice."""

    ref: AgentRef
    sounds: str

    @property
    def first_name(self) -> str:
        return (self.ref.name or self.ref.id).partition(" ")[0]


@dataclass(frozen=True, slots=True)
class Person:
    """Someone outside; ``often`` is how much more often than others they call."""

    language: str
    first_name: str
    name: str
    phone: str
    email: str
    handle: str
    sounds: str
    often: float

    def party(self, *kinds: str) -> Party:
        """Those of their identifiers that a medium shows."""
        return Party(**{kind: getattr(self, kind) for kind in kinds})


AGENTS: Final = {
    language: tuple(Colleague(AgentRef(id_, name), who) for id_, name, who in staff)
    for language, staff in _COLLEAGUES.items()
}


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
    sounds = chance.choice("fm")
    first = chance.choice(_FIRST[language, sounds].split())
    last = chance.choice(_LAST[language].split())
    mailbox = f"{_plain(first)}.{_plain(last)}{phone[-5:]}"
    domain = chance.choice(["example.com", "example.org", "example.net"])
    return Person(
        language=language,
        first_name=first,
        name=f"{first} {last}",
        phone=phone,
        email=f"{mailbox}@{domain}",
        handle=f"@{_plain(first)}_{_plain(last)}_{phone[-5:]}",
        sounds=sounds,
        # A few call all the time, most hardly ever, and nobody fills the archive.
        often=min(chance.paretovariate(1.3), 12),
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
