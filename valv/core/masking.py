"""What a tenant masks, and the masking itself: the value that every way in is given.

By name: digits of the menus and values of the variables that are listed. By what it
says: secret numbers of the kinds that are on, and the tenant's own patterns. What is
found becomes a mark that tells its kind and holds no digit; the rest stays readable.

Pure; whoever makes an event or takes a text in asks here first, so that neither store,
log nor error ever sees what was masked (law 3).
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Annotated, Final

from msgspec import Meta, Struct
from msgspec.structs import replace

from valv.core.errors import Malformed
from valv.core.interaction import LONGEST_LINE, LONGEST_TEXT, Word, as_text
from valv.core.mask_patterns import MOST_PATTERNS, Finders, MaskPattern, compiled
from valv.core.secret_numbers import Secret, Span, may_hold, secrets_in

MOST_NAMES: Final = 500
# These decide what may be kept, so their values must stay to be read.
DECIDING: Final = frozenset({"deny_recording", "set_restricted"})
SAME_NAME: Final = "Two patterns have the same name."
DECIDES: Final = (
    "deny_recording and SET_RESTRICTED decide what may be kept, and cannot be masked."
)
_FLAGS: Final = frozenset({"true", "false", "yes", "no", "0", "1"})

Names = Annotated[tuple[Word, ...], Meta(max_length=MOST_NAMES)]
Patterns = Annotated[tuple[MaskPattern, ...], Meta(max_length=MOST_PATTERNS)]


class MaskingRules(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a tenant says: which kinds are off, its patterns, its lists of names."""

    off: frozenset[Secret] = frozenset()
    patterns: Patterns = ()
    menus: Names = ()
    variables: Names = ()


def checked(rules: MaskingRules) -> MaskingRules:
    """The rules with each name once.

    Raises Malformed for what cannot be put in force, naming the field.
    """
    for place, pattern in enumerate(rules.patterns):
        compiled(pattern, field=f"patterns[{place}]")
    names = [pattern.name.casefold() for pattern in rules.patterns]
    if len(set(names)) < len(names):
        raise Malformed(SAME_NAME, field="patterns")
    if any(folded(name) in DECIDING for name in rules.variables):
        raise Malformed(DECIDES, field="variables")
    return replace(rules, menus=_once(rules.menus), variables=_once(rules.variables))


def _once(names: Iterable[str]) -> tuple[str, ...]:
    kept = {folded(name): name.strip() for name in names if name.strip()}
    return tuple(kept.values())


def folded(name: str) -> str:
    """Names are the same whatever their case, and whatever blanks stand around them."""
    return name.strip().casefold()


@dataclass(frozen=True, slots=True)
class Masking:
    """The rules in force, ready to be applied in a region."""

    kinds: frozenset[Secret]
    region: str
    menus: frozenset[str] = frozenset()
    variables: frozenset[str] = frozenset()
    patterns: Finders = field(default_factory=Finders)

    @classmethod
    def of(cls, rules: MaskingRules, *, region: str) -> "Masking":
        """Raises Malformed for a pattern that ``checked`` would not take."""
        return cls(
            frozenset(Secret) - rules.off,
            region,
            frozenset(map(folded, rules.menus)),
            frozenset(map(folded, rules.variables)),
            Finders.of(rules.patterns),
        )

    def hides_digits(self, module: str | None) -> bool:
        """Digits of which nobody says where they were pressed may be of any menu."""
        return bool(self.menus) if module is None else folded(module) in self.menus

    def hides_variable(self, name: str, *, module: str | None = None) -> bool:
        """By its own name, or by that of the menu which set it."""
        by_menu = module is not None and folded(module) in self.menus
        return by_menu or folded(name) in self.variables

    def spans(self, text: str) -> list[Span]:
        """What is to be masked, in order; what overlaps is one."""
        found = [Span(*place) for place in self.patterns.spans(text)]
        if may_hold(text):
            found += secrets_in(text, kinds=self.kinds, region=self.region)
        return _joined(sorted(found)) if found else []

    def text(self, text: str, *, longest: int = LONGEST_TEXT) -> str:
        """The same with marks; what they push past ``longest`` is cut off."""
        spans = self.spans(text)
        return _marked(text, spans)[:longest] if spans else text

    def line(self, text: str) -> str:
        return self.text(text, longest=LONGEST_LINE)

    def texts(self, texts: Sequence[str]) -> list[str]:
        """Texts that follow on each other: what goes on over several is found too."""
        spans = self.spans("\n".join(texts))
        if not spans:
            return list(texts)
        masked, offset = [], 0
        ends = [span.end for span in spans]
        for text in texts:
            near = map(spans.__getitem__, range(bisect_right(ends, offset), len(spans)))
            own = _within(near, offset, offset + len(text))
            masked.append(_marked(text, own)[:LONGEST_TEXT])
            offset += len(text) + 1
        return masked

    def value(
        self, value: str | float | None, *, longest: int = LONGEST_LINE
    ) -> str | float | None:
        """A variable's value, or digits; a number that is to be masked becomes text.

        A plain yes or no is nobody's secret, and may decide what is kept.
        """
        plain = as_text(value)
        if plain is None or plain.strip().lower() in _FLAGS:
            return value
        masked = self.text(plain, longest=longest)
        return value if masked == plain else masked

    def values(
        self, variables: Mapping[str, str | float | None]
    ) -> dict[str, str | float | None]:
        """Variables by name; one that is listed has no value any more."""
        return {
            name: None if self.hides_variable(name) else self.value(value)
            for name, value in variables.items()
        }


def _joined(spans: Iterable[Span]) -> list[Span]:
    joined: list[Span] = []
    for span in spans:
        last = joined[-1] if joined else None
        if last is None or span.start >= last.end:
            joined.append(span)
        elif span.end > last.end:
            joined[-1] = Span(last.start, span.end, last.mark)
    return joined


def _within(spans: Iterable[Span], start: int, end: int) -> Iterator[Span]:
    """The parts of ordered spans that lie in a piece, counted from its beginning."""
    for span in takewhile(lambda span: span.start < end, spans):
        yield Span(
            max(span.start, start) - start, min(span.end, end) - start, span.mark
        )


def _marked(text: str, spans: Iterable[Span]) -> str:
    parts, at = [], 0
    for span in spans:
        parts += [text[at : span.start], span.mark]
        at = span.end
    return "".join([*parts, text[at:]])
