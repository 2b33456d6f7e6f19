"""What the demo's people say: calls, chats, subjects and survey comments.

The dialogues lie in ``dialogues/<language>.txt``; every one is invented. Refuses, by a
KeyError at the first use, a dialogue file that names a field nobody fills in.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Final

from valv.core.interaction import Sender
from valv.jobs.demo.voices import Turn

LANGUAGES: Final = ("sv", "en")
_SENDERS: Final = {"A": Sender.AGENT, "C": Sender.CUSTOMER}


@dataclass(frozen=True, slots=True)
class Dialogue:
    """A conversation; ``{me}``, ``{agent}`` and ``{order}`` are yet to be filled."""

    language: str
    queue: str
    category: str
    topic: str
    subject: str
    turns: tuple[Turn, ...]


_HELLO: Final = {
    "sv": (
        "Välkommen till Lingonby, du talar med {agent}. Vad kan jag hjälpa dig med?",
        "Lingonby kundtjänst, det är {agent}.",
        "Hej, välkommen till Lingonby. Jag heter {agent}, hur kan jag hjälpa dig?",
    ),
    "en": (
        "Welcome to Lingonby, you are speaking to {agent}. How can I help you?",
        "Lingonby customer service, {agent} speaking.",
        "Hello and welcome to Lingonby. My name is {agent}, what can I do for you?",
    ),
}
_GOODBYE: Final = {
    "sv": (
        ("Tack så mycket för hjälpen. Hej då.", "Tack för att du ringde. Hej då."),
        ("Toppen, tack ska du ha.", "Ha en fin dag, hej hej."),
        ("Då vet jag. Tack, hej.", "Hör av dig om det är något mer. Hej."),
    ),
    "en": (
        ("Thank you very much. Goodbye.", "Thank you for calling. Goodbye."),
        ("Great, thanks a lot.", "Have a lovely day, bye now."),
        ("Good to know. Thank you, bye.", "Do ring again if there is more. Goodbye."),
    ),
}
_CHAT_HELLO: Final = {
    "sv": "Hej! Du chattar med {agent} på Lingonby. Vad kan jag hjälpa till med?",
    "en": "Hello! You are chatting with {agent} at Lingonby. How can I help?",
}
CHAT_BOT: Final = {
    "sv": "Hej! Jag är Lingonbys chattrobot. Jag kopplar dig till en människa.",
    "en": "Hi! I am the chat bot of Lingonby. I will find a human being for you.",
}
CHAT_CLOSED: Final = {
    "sv": "Chatten är avslutad.",
    "en": "The chat has ended.",
}
SURVEY_COMMENTS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {
    "sv": {
        "good": (
            "Snabbt och vänligt!", "Fick hjälp direkt.", "Mycket kunnig person.",
            "Bästa kundtjänsten på länge.", "Tack, allt löste sig på en gång.",
            "Lugn och tydlig, även när jag var arg.", "Toppen!",
        ),
        "fair": (
            "Helt okej, men lång väntan.", "Bra svar till slut.",
            "Musiken i kön kunde vara bättre.", "Fick ringa två gånger.",
        ),
        "bad": (
            "Fick vänta alldeles för länge.", "Ingen visste vem jag skulle tala med.",
            "Problemet är fortfarande inte löst.", "Blev bortkopplad.",
        ),
    },
    "en": {
        "good": (
            "Quick and friendly!", "Solved in five minutes.", "Very knowledgeable.",
            "Best service I have had for years.", "Thank you, all sorted at once.",
            "Calm and clear, even though I was cross.", "Brilliant!",
        ),
        "fair": (
            "Fine, but a long wait.", "A good answer in the end.",
            "The music could be better.", "I had to call twice.",
        ),
        "bad": (
            "Had to wait far too long.", "Nobody knew whom I should talk to.",
            "The problem is still there.", "I was cut off.",
        ),
    },
}  # fmt: skip


@cache
def dialogues(language: str) -> tuple[Dialogue, ...]:
    """All dialogues of a language, in the order of its file."""
    name = f"dialogues/{language}.txt"
    text = (files("valv.jobs.demo") / name).read_text(encoding="utf-8")
    return tuple(_dialogue(part, language=language) for part in text.split("\n= ")[1:])


def spoken(dialogue: Dialogue, *, style: int, **fields: str) -> tuple[Turn, ...]:
    """The whole call, greeting to farewell, with its fields filled.

    ``style`` picks greeting and farewell; ``fields`` are ``me``, ``agent``, ``order``.
    Digits of the order are spoken one by one.
    """
    fields["order"] = ", ".join(fields["order"])
    hello = Turn(Sender.AGENT, _HELLO[dialogue.language][style % 3])
    thanks, goodbye = _GOODBYE[dialogue.language][style // 3 % 3]
    last = Turn(Sender.CUSTOMER, thanks), Turn(Sender.AGENT, goodbye)
    return _filled((hello, *dialogue.turns, *last), fields=fields)


def written(dialogue: Dialogue, *, style: int, **fields: str) -> tuple[Turn, ...]:
    """The same as a chat: a bot first, shorter courtesies."""
    bot = Turn(Sender.BOT, CHAT_BOT[dialogue.language])
    hello = Turn(Sender.AGENT, _CHAT_HELLO[dialogue.language])
    thanks, _ = _GOODBYE[dialogue.language][style % 3]
    last = Turn(Sender.CUSTOMER, thanks)
    end = Turn(Sender.SYSTEM, CHAT_CLOSED[dialogue.language])
    return _filled((bot, hello, *dialogue.turns, last, end), fields=fields)


def comment_for(score: int, *, language: str, choice: int) -> str:
    """A survey comment that goes with a score of 0 to 10."""
    tone = "good" if score >= 8 else "fair" if score >= 5 else "bad"
    comments = SURVEY_COMMENTS[language][tone]
    return comments[choice % len(comments)]


def _filled(turns: tuple[Turn, ...], *, fields: Mapping[str, str]) -> tuple[Turn, ...]:
    return tuple(Turn(turn.sender, turn.text.format_map(fields)) for turn in turns)


def _dialogue(part: str, *, language: str) -> Dialogue:
    heading, *lines = part.strip().splitlines()
    queue, category, topic, subject = (word.strip() for word in heading.split("|"))
    turns = tuple(Turn(_SENDERS[line[0]], line[2:]) for line in lines if line)
    return Dialogue(language, queue, category, topic, subject, turns)
