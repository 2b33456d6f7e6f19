"""The labelled set: lines as people write them, in which ⟦…⟧ is what must be masked."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parent / "data"
# Each language, and the region whose phone numbers are home there.
REGIONS = {"sv": "SE", "nb": "NO", "da": "DK", "fi": "FI", "en": "GB"}
_MARKED = re.compile("⟦(.+?)⟧")


@dataclass(frozen=True, slots=True)
class Labelled:
    """One line; ``secrets`` are the places in ``text`` that must be masked."""

    language: str
    text: str
    secrets: tuple[tuple[int, int], ...]

    @property
    def region(self) -> str:
        return REGIONS[self.language]

    def written(self) -> list[str]:
        return [self.text[start:end] for start, end in self.secrets]


def labelled() -> Iterator[Labelled]:
    for language in REGIONS:
        yield from read(language, f"masking-{language}.txt")


def read(language: str, name: str) -> Iterator[Labelled]:
    for line in (DATA / name).read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            yield _parsed(language, line)


def _parsed(language: str, line: str) -> Labelled:
    secrets = []
    for taken, found in enumerate(_MARKED.finditer(line)):
        start = found.start() - 2 * taken
        secrets.append((start, start + len(found[1])))
    return Labelled(language, _MARKED.sub(r"\1", line), tuple(secrets))
