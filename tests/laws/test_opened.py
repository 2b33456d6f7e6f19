"""The search for planted text sees what lies sealed, wherever it lies."""

import pytest

from tests.intake.asking import Source
from tests.laws import opened
from tests.laws.canary import places_of
from tests.laws.laying import EMAIL, SECRET, lay

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_sealed_column_is_opened_or_known_to_hold_no_text() -> None:
    told = {f"{model._meta.db_table}.{name}" for model, name in opened.COLUMNS}

    assert opened.binary_columns() == told | opened.CLOSED
    assert not told & opened.CLOSED


def test_what_lies_sealed_is_found(source: Source) -> None:
    laid = lay(source, "seen")
    places = places_of(SECRET)

    assert {"interaction.text", "survey.comment", "chat_part.sealed"} <= places
    assert any(place.endswith(".chat_log") for place in places)
    assert places_of(EMAIL) == {"identifier.sealed"}
    source.ask("DELETE", f"/interactions/{laid.chat}/chat-log")
    assert not any(place.endswith(".chat_log") for place in places_of(SECRET))
