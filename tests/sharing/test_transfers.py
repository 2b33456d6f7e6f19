"""A place for each long transfer, given back however it ends."""

import gc
from collections.abc import Iterator

import pytest
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from pytest_django import Settings

from valv.core.errors import Busy, NotFound
from valv.sharing.transfers import Way, in_turn

CHUNKS = [b"a", b"b"]


@pytest.fixture(autouse=True)
def _one_place(settings: Settings) -> None:
    settings.VALV_THREADS = 4


def streamed() -> HttpResponseBase:
    return StreamingHttpResponse(iter(CHUNKS))


def is_free(way: Way = Way.OUT) -> bool:
    try:
        in_turn(way, HttpResponse)
    except Busy:
        return False
    return True


def test_a_place_is_held_until_the_answer_is_closed() -> None:
    answer = in_turn(Way.OUT, streamed)
    assert not is_free()

    assert b"".join(answer) == b"ab"
    assert not is_free()

    answer.close()
    answer.close()
    assert is_free()


def test_whoever_hangs_up_gives_the_place_back() -> None:
    answer = in_turn(Way.OUT, streamed)
    next(iter(answer))

    answer.close()

    assert is_free()


def test_an_answer_that_nobody_closes_gives_it_back_too() -> None:
    in_turn(Way.OUT, streamed)

    gc.collect()

    assert is_free()


def test_what_is_closed_with_the_answer_still_is() -> None:
    closed = []

    class Source:
        def __iter__(self) -> Iterator[bytes]:
            return iter(CHUNKS)

        def close(self) -> None:
            closed.append(True)

    in_turn(Way.OUT, lambda: StreamingHttpResponse(Source())).close()

    assert closed


def test_short_answers_and_errors_hold_nothing() -> None:
    def fails() -> HttpResponseBase:
        raise NotFound

    in_turn(Way.OUT, HttpResponse)
    with pytest.raises(NotFound):
        in_turn(Way.OUT, fails)

    assert is_free()


def test_each_way_has_places_of_its_own() -> None:
    answer = in_turn(Way.OUT, streamed)

    assert is_free(Way.IN)
    answer.close()
