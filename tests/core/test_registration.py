"""The tenant's list of topics: what it defines, and what it refuses."""

import pytest

from valv.core.errors import Malformed, Refused
from valv.core.interaction import Registration, decoded
from valv.core.registration import RULE, Category, Topics

LISTED = {
    "categories": [
        {"category": "Faktura", "topics": ["Sen", "Övrigt"]},
        {"topics": ["Övrigt"]},
    ]
}


def listed(*, refuse: bool = False) -> Topics:
    return decoded({**LISTED, "refuse_undefined": refuse}, Topics)


@pytest.mark.parametrize(
    ("category", "topic", "is_defined"),
    [
        ("Faktura", "Sen", True),
        ("FAKTURA", "övrigt", True),
        (None, "Övrigt", True),
        ("", "Övrigt", True),
        (None, "Sen", False),
        ("Faktura", "Ny", False),
        ("Övrigt", "Faktura", False),
    ],
)
def test_a_topic_is_defined_under_its_category(
    category: str | None, topic: str, *, is_defined: bool
) -> None:
    assert listed().defines(category, topic) is is_defined


def test_without_a_list_nothing_is_undefined() -> None:
    assert Topics().defines("Any", "thing")


def test_what_is_not_defined_is_taken_unless_refused() -> None:
    new = Registration(topic="Ny", category="Faktura")
    listed().check([new])

    with pytest.raises(Refused) as refusal:
        listed(refuse=True).check([Registration(topic="Övrigt"), new])

    assert refusal.value.rule == RULE
    listed(refuse=True).check([Registration(topic="Övrigt")])


@pytest.mark.parametrize(
    "payload",
    [
        {"refuse_undefined": True},
        {"categories": [{"category": "A", "topics": []}]},
        {"categories": [{"category": "A", "topics": ["x", "X"]}]},
        {"categories": [{"topics": ["x"]}, {"topics": ["y"]}]},
        {"categories": [{"category": "å", "topics": ["x"]}] * 2},
        {"categories": [{"category": "", "topics": ["x"]}]},
        {"categories": [{"category": "A", "topics": ["x\0"]}]},
        {"colour": "red"},
    ],
)
def test_a_list_that_cannot_be_chosen_from_is_malformed(payload: object) -> None:
    with pytest.raises(Malformed):
        decoded(payload, Topics)


def test_a_list_keeps_its_order() -> None:
    assert [one.category for one in listed().categories] == ["Faktura", None]
    assert listed().categories[0] == Category(("Sen", "Övrigt"), "Faktura")
