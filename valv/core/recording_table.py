"""The recording rules as one table: documentation, test oracle and implementation.

``RULES`` stands in docs/recording.md letter by letter. Exactly one row fits any
situation, so that their order says nothing; ``any`` is whatever it may be.

Left, the situation: whether the person refused, what part the agent has, the mode that
applies, and how far what the mode asks for has come. Right, whether to record now, and
whether a recording is kept: while its leg of the call is on, after it (hang-up or
transfer), and where nothing but the recording tells of the call. ``unless`` is yes
unless the tenant refuses what no rule allows. After its leg nothing is recorded.
"""

from dataclasses import dataclass
from enum import StrEnum

RULES = """
| refused | party     | mode    | stand        | record | during | after  | alone  | rule           |
|---------|-----------|---------|--------------|--------|--------|--------|--------|----------------|
| yes     | any       | any     | any          | no     | no     | no     | no     | deny_recording |
| no      | active    | forced  | not needed   | yes    | yes    | yes    | yes    | forced         |
| no      | active    | forced  | consented    | yes    | yes    | yes    | yes    | forced         |
| no      | any       | forced  | no consent   | no     | wait   | no     | yes    | consent        |
| no      | active    | pending | saved        | yes    | wait   | yes    | yes    | saved          |
| no      | active    | pending | not saved    | yes    | wait   | no     | yes    | not_saved      |
| no      | active    | manual  | started      | yes    | yes    | yes    | yes    | manual         |
| no      | active    | manual  | stopped      | no     | yes    | yes    | yes    | manual         |
| no      | active    | manual  | not accepted | no     | wait   | no     | yes    | not_accepted   |
| no      | active    | manual  | not started  | no     | unless | unless | unless | not_started    |
| no      | active    | none    | any          | no     | unless | unless | unless | no_rule        |
| no      | consulted | forced  | not needed   | no     | unless | unless | unless | consulted      |
| no      | consulted | forced  | consented    | no     | unless | unless | unless | consulted      |
| no      | consulted | pending | saved        | no     | wait   | yes    | yes    | saved          |
| no      | consulted | pending | not saved    | no     | wait   | no     | yes    | not_saved      |
| no      | consulted | manual  | not started  | no     | unless | unless | unless | consulted      |
| no      | consulted | none    | any          | no     | unless | unless | unless | consulted      |
| no      | called    | none    | any          | no     | unless | unless | unless | initiator      |
"""  # noqa: E501 a table is as wide as it is

# Each rule in words, whether it was decided, waits, or was broken.
REASONS = {
    "deny_recording": "The caller refused to be recorded.",
    "forced": "A rule forces the recording.",
    "consent": "The consent that is needed has not been given.",
    "saved": "The agent saved the recording.",
    "not_saved": "The agent has not saved the recording.",
    "manual": "An agent who may started the recording.",
    "not_accepted": "The caller is not said to have accepted the recording.",
    "not_started": "No agent who may has started a recording.",
    "consulted": "An agent who is only consulted is not recorded.",
    "initiator": "No rule forces the agent who called to be recorded.",
    "no_rule": "No rule says to record this.",
}


class Party(StrEnum):
    """What part an agent has in the call."""

    ACTIVE = "active"
    CONSULTED = "consulted"
    CALLED = "called"  # by an agent whom no rule forces


class Mode(StrEnum):
    """How a call comes to be recorded; no rule is ever of mode none."""

    FORCED = "forced"
    PENDING = "pending"
    MANUAL = "manual"
    NONE = "none"


class Stand(StrEnum):
    """How far what a mode asks for has come: consent, the save, or the start."""

    NEEDLESS = "not needed"
    CONSENTED = "consented"
    UNCONSENTED = "no consent"
    SAVED = "saved"
    UNSAVED = "not saved"
    STARTED = "started"
    STOPPED = "stopped"
    UNACCEPTED = "not accepted"
    UNSTARTED = "not started"


class Keep(StrEnum):
    """Whether a recording is kept."""

    YES = "yes"
    WAIT = "wait"
    NO = "no"
    UNLESS = "unless"


@dataclass(frozen=True, slots=True)
class Situation:
    """What the table is asked."""

    refused: bool
    party: Party
    mode: Mode
    stand: Stand

    def as_words(self) -> tuple[str, ...]:
        return "yes" if self.refused else "no", self.party, self.mode, self.stand


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table; ``situation`` is the words of its left side."""

    situation: tuple[str, ...]
    record: bool
    during: Keep
    after: Keep
    alone: Keep
    rule: str

    def fits(self, asked: Situation) -> bool:
        pairs = zip(self.situation, asked.as_words(), strict=True)
        return all(mine in ("any", word) for mine, word in pairs)


def rows_in(table: str) -> tuple[Row, ...]:
    """Read a table written as ``RULES``."""
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return tuple(_row(line) for line in lines[1:])


def _row(line: str) -> Row:
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    during, after, alone = map(Keep, cells[5:8])
    return Row(tuple(cells[:4]), cells[4] == "yes", during, after, alone, cells[8])


TABLE = rows_in(RULES)


def row_of(situation: Situation) -> Row:
    """The one row that fits."""
    return next(row for row in TABLE if row.fits(situation))
