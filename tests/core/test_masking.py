"""What a tenant masks by name, by kind and by its own patterns, and what it may not."""

import pytest
from msgspec.structs import fields, replace

from tests.core.masks import AS_ONE_BEGINS, masking, read_event
from tests.core.test_events import SAMPLES, payload
from valv.core import events
from valv.core.errors import Malformed
from valv.core.events import TYPES, DigitsEntered, SessionStarted, VariableSet
from valv.core.interaction import (
    LONGEST_LINE,
    ChatLog,
    General,
    Transcript,
    Utterance,
    decoded,
)
from valv.core.mask_patterns import MaskPattern
from valv.core.masked import masked_general, masked_log, masked_transcript, masked_url
from valv.core.masking import Masking, MaskingRules, checked

CARD, OURS = "4111111111111111", "19121212-1212"
CUSTOMER = MaskPattern(name="customer", pattern=r"\bK-[0-9]{6}\b")
LISTED = masking(menus=("Personnummer",), variables=("Pin",))


def digits(**data: object) -> DigitsEntered:
    event = events.read_event(payload("digits.entered", data), masking=LISTED)
    assert isinstance(event.data, DigitsEntered)
    return event.data


def variable(masks: Masking = LISTED, **data: object) -> VariableSet:
    event = events.read_event(payload("variable.set", data), masking=masks)
    assert isinstance(event.data, VariableSet)
    return event.data


@pytest.mark.parametrize("module", ["Personnummer", "PERSONNUMMER", " personnummer "])
def test_digits_of_a_listed_menu_are_blanked(module: str) -> None:
    assert digits(module=module, digits="4417").digits is None
    assert digits(module=module, digits=4417, mask=False).digits is None
    assert digits(module="Main", digits="4417").digits == "4417"


def test_digits_of_no_known_menu_are_blanked_where_menus_are_listed() -> None:
    assert digits(digits="4417").digits is None
    plain = read_event(payload("digits.entered", {"digits": "4417"})).data
    assert plain == DigitsEntered(digits="4417")


@pytest.mark.parametrize("value", ["4417", 4417, 44.17, True])
def test_a_listed_variable_is_blanked(value: object) -> None:
    assert variable(name="PIN", value=value).value is None
    assert variable(name="order", value=value, module="PersonNummer").value is None
    assert variable(name="order", value=value).value == value


def test_listed_variables_are_blanked_wherever_they_come_along() -> None:
    told = {"pin": "4417", "order": 17}
    start = events.read_event(
        payload("session.started", {"media": "phone", "variables": told}),
        masking=LISTED,
    ).data
    general = decoded(
        {"started_at": "2026-11-20T09:00:00Z", "variables": told}, General
    )

    assert isinstance(start, SessionStarted)
    assert start.variables == {"pin": None, "order": 17}
    assert masked_general(general, LISTED).variables == {"pin": None, "order": "17"}


@pytest.mark.parametrize("value", [CARD, int(CARD), float(CARD), f"nr {OURS}"])
def test_a_secret_in_a_variable_becomes_a_mark(value: object) -> None:
    kept = variable(AS_ONE_BEGINS, name="id", value=value).value

    assert isinstance(kept, str)
    assert not any(character.isdigit() for character in kept)


@pytest.mark.parametrize("value", [True, "true", "1", 1, "Yes"])
def test_what_decides_is_never_masked(value: object) -> None:
    everything = masking(patterns=(MaskPattern(name="all", pattern="true|[1y].{0,9}"),))

    assert variable(everything, name="deny_recording", value=value).value == value


TEXTS = {"text", "subject", "url", "comment", "question", "value", "digits"}
NOT_MASKED = {
    "access_point", "outcome", "queue", "agent", "menu", "module", "category", "topic",
    "purpose", "how", "action", "media", "direction", "sender", "n", "mask", "callback",
    "informed", "accepted", "score", "scale", "at", "version",
    "variables", "identifiers", "name",
}  # fmt: skip


@pytest.mark.parametrize("type_", TYPES)
def test_every_field_of_every_event_is_masked_or_known_not_to_be(type_: str) -> None:
    """A field that is added must be put on one of the two lists."""
    assert {one.name for one in fields(TYPES[type_])} <= TEXTS | NOT_MASKED
    for one in fields(TYPES[type_]):
        if one.name in TEXTS:
            said = f"https://x.example/{OURS}" if one.name == "url" else OURS
            sent = {**SAMPLES[type_], "mask": False, one.encode_name: said}
            known = {field.encode_name for field in fields(TYPES[type_])}
            sent = {name: value for name, value in sent.items() if name in known}
            kept = getattr(read_event(payload(type_, sent)).data, one.name)
            assert OURS not in kept
            assert "[personal number]" in kept


def test_a_name_is_masked_and_a_number_to_search_by_is_not() -> None:
    party = {"name": f"Anna {OURS}", "phone": "0701129801", "handle": CARD}
    start = read_event(
        payload("session.started", {"media": "chat", "identifiers": party})
    )

    assert isinstance(start.data, SessionStarted)
    assert start.data.identifiers
    assert start.data.identifiers.typed() == {
        "name": "Anna [personal number]", "phone": "0701129801", "handle": CARD,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        (f"https://x.example/{CARD}?a=1", "https://x.example/[card]?a=1"),
        ("https://x.example/?c=4111%201111%201111%201111&a=b+c",
         "https://x.example/?c=[card]&a=b c"),
        ("https://x.example/?q=a%20b&order=12345678",) * 2,
    ],
)  # fmt: skip
def test_a_url_is_masked_also_behind_percent_signs(url: str, kept: str) -> None:
    assert masked_url(url, AS_ONE_BEGINS) == kept


def message(text: str, sender: str = "customer") -> dict[str, object]:
    return {"at": "2026-11-20T09:00:00Z", "from": sender, "text": text}


def test_a_secret_over_several_lines_of_one_speaker_is_masked() -> None:
    lines = ["Kortet är 4111 1111", "1111 1111, tack", "19121212-", "1212"]
    log = decoded({"messages": [message(line) for line in lines]}, ChatLog)

    kept = [one.text for one in masked_log(log, AS_ONE_BEGINS).messages]

    assert kept == ["Kortet är [card]", "[card], tack"] + ["[personal number]"] * 2


def test_a_name_in_a_log_is_masked() -> None:
    log = decoded({"messages": [{**message("Hej"), "name": f"Anna {OURS}"}]}, ChatLog)

    (kept,) = masked_log(log, AS_ONE_BEGINS).messages

    assert kept.name == "Anna [personal number]"


def test_what_two_speakers_say_is_not_one_number() -> None:
    lines = [message("4111 1111"), message("1111 1111", "agent")]
    log = decoded({"messages": lines}, ChatLog)

    assert masked_log(log, AS_ONE_BEGINS) == log


def test_a_transcript_word_by_word_is_masked() -> None:
    said = tuple(
        Utterance(sender="customer", text=word)  # type: ignore[arg-type]
        for word in ["kort", *CARD, "tack"]
    )

    masked = masked_transcript(Transcript(n=1, utterances=said), AS_ONE_BEGINS)

    assert [one.text for one in masked.utterances] == ["kort", *["[card]"] * 16, "tack"]


def test_marks_never_make_a_line_longer_than_it_may_be() -> None:
    line = (OURS.replace("-", "")[2:] + ",") * 200

    assert len(AS_ONE_BEGINS.line(line[:LONGEST_LINE])) == LONGEST_LINE


def test_a_tenants_pattern_leaves_its_name() -> None:
    masks = masking(patterns=(CUSTOMER,))

    assert masks.text("kund K-123456, K-1234567") == "kund [customer], K-1234567"
    assert masks.text("åäö 💩 K-123456!") == "åäö 💩 [customer]!"


@pytest.mark.parametrize(
    "others",
    [
        ("abc", "def"),
        (r"\Qabc", r"\Qdef\E"),
        ("(?P<x>abc)", "(?P<x>def)"),
        ("(?i)XYZ",),
    ],
)
@pytest.mark.parametrize("text", ["K-123456 abc def xyz", "abc def xyz"])
def test_patterns_find_the_same_alone_and_together(
    others: tuple[str, ...], text: str
) -> None:
    more = [MaskPattern(name="x" * (n + 2), pattern=p) for n, p in enumerate(others)]

    alone = [
        span
        for one in (CUSTOMER, *more)
        for span in masking(patterns=(one,)).spans(text)
    ]

    assert masking(patterns=(CUSTOMER, *more)).spans(text) == sorted(alone)


def test_what_overlaps_is_masked_whole() -> None:
    masks = masking(patterns=(MaskPattern(name="tail", pattern="1111 [a-z]+"),))

    assert masks.text("4111 1111 1111 1111 tack") == "[card]"


TOO_BROAD = [
    "x*",
    ".",
    ".*",
    ".+",
    "[0-9]+",
    r"\d",
    r"\w+",
    "a?",
    "^",
    "$",
    "(|b)",
    " ",
]
UNREADABLE = [
    "(",
    "[",
    r"(?=a)",
    r"\1",
    "a{2000}",
    "x" * 501,
    "",
    r"(?:[a-zå]{900}){9}",
]


@pytest.mark.parametrize("pattern", TOO_BROAD)
def test_a_pattern_that_masks_nearly_everything_is_refused(pattern: str) -> None:
    with pytest.raises(Malformed, match="too broad") as refused:
        checked(MaskingRules(patterns=(MaskPattern(name="x", pattern=pattern),)))

    assert refused.value.field == "patterns[0].pattern"


@pytest.mark.parametrize("pattern", UNREADABLE)
def test_a_pattern_that_cannot_be_read_is_refused(
    pattern: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(Malformed) as refused:
        checked(MaskingRules(patterns=(MaskPattern(name="x", pattern=pattern),)))

    assert refused.value.field == "patterns[0].pattern"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", ["", "a1", "1", "[x]", "x" * 41, " x", "a\nb", "x_y"])
def test_a_name_that_makes_no_mark_is_refused(name: str) -> None:
    with pytest.raises(Malformed) as refused:
        checked(MaskingRules(patterns=(replace(CUSTOMER, name=name),)))

    assert refused.value.field == "patterns[0].name"


def test_two_patterns_of_one_name_are_refused() -> None:
    twice = (CUSTOMER, replace(CUSTOMER, name="Customer"))
    with pytest.raises(Malformed, match="same name"):
        checked(MaskingRules(patterns=twice))


@pytest.mark.parametrize(
    "name", ["deny_recording", "SET_RESTRICTED", " Deny_Recording"]
)
def test_what_decides_cannot_be_listed(name: str) -> None:
    with pytest.raises(Malformed, match="cannot be masked"):
        checked(MaskingRules(variables=(name,)))


def test_names_are_kept_once() -> None:
    rules = checked(MaskingRules(menus=("Pin", " pin ", "PIN", "Code", " ")))

    assert rules.menus == ("PIN", "Code")
