"""Statements by hand: a list is one parameter, whatever is in it."""

import pytest

from valv.storage import scope
from valv.storage.raw import one_of, rows
from valv.tenants.models import Tenant

pytestmark = pytest.mark.django_db(transaction=True)
THE_WORD = "SELECT word FROM (SELECT CAST(%s AS text) AS word) AS one WHERE {}"
THE_NUMBER = "SELECT number FROM (SELECT CAST(%s AS bigint) AS number) AS one WHERE {}"
ODD = 'å "{,}\\ NULL'


@pytest.mark.parametrize(
    ("words", "found"),
    [([], []), (["NULL"], []), ([ODD, "other"], [(ODD,)])],
)
def test_words_are_found_as_they_are(
    acme: Tenant, words: list[str], found: list[tuple[str]]
) -> None:
    where, bound = one_of("word", words)
    sql = THE_WORD.format(where)

    with scope.reading(acme.id):
        assert rows(sql, [ODD, *bound]) == found


@pytest.mark.parametrize("numbers", [[1, 7], [1 << 62, 7, -1]])
def test_numbers_of_any_size_are_found(acme: Tenant, numbers: list[int]) -> None:
    where, bound = one_of("number", numbers)
    sql = THE_NUMBER.format(where)

    with scope.reading(acme.id):
        assert rows(sql, [7, *bound]) == [(7,)]
