"""What is masked between the form and what it means, and a text that it is tried on."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from valv.core import mask_patterns, masking
from valv.core.errors import Malformed
from valv.core.interaction import LONGEST_TEXT, decoded
from valv.core.mask_patterns import MaskPattern, compiled
from valv.core.masking import Masking, MaskingRules
from valv.core.secret_numbers import Secret, Span
from valv.portal.contexts.masking import Piece, TypedPattern
from valv.portal.typed import typed

FAULTS: Mapping[str, object] = {
    mask_patterns.BAD_NAME: _(
        "A name has letters, spaces and hyphens, at most 40, and no digits."
    ),
    mask_patterns.BAD_LENGTH: _("A pattern has 1 to 500 characters."),
    mask_patterns.UNREADABLE: _(
        "This cannot be read as a pattern of RE2, or needs too much memory. "
        "Look-around and back-references are not to be had."
    ),
    mask_patterns.TOO_BROAD: _(
        "Too broad: a single character, or none at all, fulfils it. "
        "Say how many there are, as in [0-9]{6}."
    ),
    masking.SAME_NAME: _("Two patterns have the same name."),
    masking.DECIDES: _(
        "deny_recording and SET_RESTRICTED decide what may be kept, "
        "and cannot be masked."
    ),
}
OTHERWISE = _("There is too much of it: at most 500 names of at most 200 characters.")
FIELDS = ("menus", "variables")


@dataclass(frozen=True, slots=True)
class Typed:
    """The form as it was sent; ``rules`` only if there is no fault in it."""

    kinds: tuple[tuple[str, bool], ...]
    patterns: tuple[TypedPattern, ...]
    menus: str
    variables: str
    text: str = ""
    faults: Mapping[str, str] = field(default_factory=dict)
    rules: MaskingRules | None = None


def typed_of(rules: MaskingRules) -> Typed:
    """The form as it stands for the rules in force."""
    return Typed(
        tuple((kind.value, kind not in rules.off) for kind in Secret),
        tuple(TypedPattern(one.name, one.pattern) for one in rules.patterns),
        "\n".join(rules.menus),
        "\n".join(rules.variables),
        rules=rules,
    )


def typed_from(post: QueryDict) -> Typed:
    """Read the form; each pattern that cannot be is told its fault."""
    kinds = tuple((kind.value, f"kind-{kind}" in post) for kind in Secret)
    pairs = zip(post.getlist("name"), post.getlist("pattern"), strict=False)
    rows = tuple(TypedPattern(n.strip(), p.strip()) for n, p in pairs if n + p)
    form = Typed(
        kinds,
        tuple(replace(row, fault=_fault_of(row)) for row in rows),
        "\n".join(_lines(post.get("menus", ""))),
        "\n".join(_lines(post.get("variables", ""))),
        typed(post, "text", longest=LONGEST_TEXT),
    )
    return form if any(row.fault for row in form.patterns) else _checked(form)


def _lines(text: str) -> list[str]:
    lines = text.replace("\0", "").splitlines()
    return [line.strip() for line in lines if line.strip()]


def _fault_of(row: TypedPattern) -> str:
    try:
        compiled(MaskPattern(row.name, row.pattern))
    except Malformed as error:
        return str(FAULTS[error.detail])
    return ""


def _checked(form: Typed) -> Typed:
    said = {
        "off": [kind for kind, is_on in form.kinds if not is_on],
        "patterns": [{"name": r.name, "pattern": r.pattern} for r in form.patterns],
        "menus": _lines(form.menus),
        "variables": _lines(form.variables),
    }
    try:
        rules = masking.checked(decoded(said, MaskingRules))
    except Malformed as error:
        place = (error.field or "").partition("[")[0]
        fault = str(FAULTS.get(error.detail, OTHERWISE))
        return replace(form, faults={place if place in FIELDS else "": fault})
    return replace(form, rules=rules)


def tried(text: str, masks: Masking) -> tuple[tuple[Piece, ...], str]:
    """The text in pieces, those that are caught with their marks; and as it is kept."""
    return tuple(_pieces(text, masks.spans(text))), masks.text(text)


def _pieces(text: str, spans: Iterable[Span]) -> Iterator[Piece]:
    at = 0
    for span in spans:
        if at < span.start:
            yield Piece(text[at : span.start])
        yield Piece(text[span.start : span.end], span.mark)
        at = span.end
    if at < len(text):
        yield Piece(text[at:])
