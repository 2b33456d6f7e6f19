"""Every word of the pages is in the catalogs, and Swedish lacks none."""

import re
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils import translation

import valv.portal
from valv.portal import sentences, words

ROOM = Path(valv.portal.__file__).parent
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3),
    "npgettext_lazy": ((1, "c"), 2, 3),
}
METHODS = [("**.py", "python"), ("**.html", "jinja2")]
Message = tuple[str | None, str]


def used() -> Iterator[Message]:
    found = extract_from_dir(
        str(ROOM), METHODS, {"**.html": {"trimmed": "true"}}, keywords=KEYWORDS
    )
    for _file, _line, message, _comments, context in found:
        yield context, message if isinstance(message, str) else message[0]


def forms(text: str | Sequence[str] | None) -> list[str]:
    """One form, or the singular and the plural."""
    return [text] if isinstance(text, str) else list(text or ())


def known(language: str) -> dict[Message, list[str]]:
    place = ROOM / "locale" / language / "LC_MESSAGES" / "django.po"
    with place.open("rb") as file:
        catalog = read_po(file, locale=language)
    return {
        (m.context, m.id if isinstance(m.id, str) else m.id[0]): forms(m.string)
        for m in catalog
        if m.id
    }


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_catalog_holds_just_the_words_in_use(language: str) -> None:
    assert set(known(language)) == set(used())


def test_every_word_has_its_swedish() -> None:
    lacking = [message for message, swedish in known("sv").items() if not all(swedish)]

    assert lacking == []


def test_the_swedish_keeps_every_placeholder() -> None:
    def placeholders(text: str) -> set[str]:
        return set(re.findall(r"%\(\w+\)s", text))

    for (_context, english), swedish in known("sv").items():
        for form in swedish:
            assert placeholders(form) == placeholders(english)


@pytest.mark.parametrize("never", ["ärende ", "ärendet", "raderad", "radera "])
def test_words_that_the_glossary_rules_out_are_not_used(never: str) -> None:
    said = " ".join(
        form.lower() + " " for text in known("sv").values() for form in text
    )

    assert never not in said.lower()


@pytest.mark.parametrize("language", ["en", "sv"])
def test_the_catalog_can_be_compiled(language: str) -> None:
    place = ROOM / "locale" / language / "LC_MESSAGES" / "django.po"
    with place.open("rb") as file:
        catalog = read_po(file, locale=language)

    write_mo(BytesIO(), catalog)

    assert not list(catalog.check())


def test_a_code_without_a_word_is_shown_as_it_is() -> None:
    assert words.outcome("voicemail_left", media="phone") == "voicemail_left"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", ["interaction", "interactions", "hit", "stays, for a hold or minimum"]),
        (
            "sv",
            [
                "förfrågning",
                "förfrågningar",
                "träff",
                "blir kvar: raderingsspärr eller minsta lagringstid",
            ],
        ),
    ],
)
def test_what_is_tallied_is_told_for_one_and_for_many(
    language: str, said: list[str]
) -> None:
    with translation.override(language):
        one, many = (words.counted(words.PLACES, "archive", n) for n in (1, 2))
        hit, held = (words.counted(words.TALLIES, of, 1) for of in ("archive", "held"))

    assert [one, many, hit, held] == said
    assert words.counted(words.RESULTS, "of another kind", 1) == "of another kind"


def test_an_entry_reads_as_a_sentence() -> None:
    with translation.override("en"):
        who = sentences.who("Alma", actor_type="internal")
        said = sentences.sentence(
            "play", who=who, content="recording", n=2, interaction="7f3a"
        )

    assert said == "User Alma listened to recording 2 of interaction 7f3a"
