"""Sealed streams: every range opens, and none of the attacks in docs/format.md."""

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.core.errors import Malformed
from valv.storage.sealed import (
    FRAME,
    HEADER,
    TAG,
    SealedReader,
    Tampered,
    blob_context,
    seal,
    sealed_size,
)

KEY = b"k" * 32
SMALL = 16
STEP = SMALL + TAG
HERE = blob_context(1, object_id=7, role="audio")
Requests = list[tuple[int, int | None]]

bodies = st.binary(max_size=5 * SMALL)
long_bodies = st.binary(min_size=2 * SMALL + 1, max_size=6 * SMALL)
offsets = st.integers(0, 6 * SMALL)
cuts = st.lists(st.binary(max_size=40), max_size=6)


def _sealed(body: bytes, *, key: bytes = KEY, context: bytes = HERE) -> bytes:
    return b"".join(seal([body], key=key, context=context, frame_size=SMALL))


def _reader(
    sealed: bytes,
    *,
    key: bytes = KEY,
    context: bytes = HERE,
    size: int | None = None,
    requests: Requests | None = None,
) -> SealedReader:
    def open_range(start: int, end: int | None) -> Iterator[bytes]:
        if requests is not None:
            requests.append((start, end))
        asked = sealed[start:end]
        return (asked[at : at + 5] for at in range(0, len(asked), 5))

    size = len(sealed) if size is None else size
    return SealedReader(open_range, size, key=key, context=context, frame_size=SMALL)


def _open(sealed: bytes, *, key: bytes = KEY, context: bytes = HERE) -> bytes:
    return b"".join(_reader(sealed, key=key, context=context).read())


def _split(sealed: bytes) -> list[bytes]:
    body = sealed[HEADER:]
    return [body[at : at + STEP] for at in range(0, len(body), STEP)]


@given(cuts)
def test_what_was_sealed_opens_however_it_was_cut(chunks: list[bytes]) -> None:
    sealed = b"".join(seal(chunks, key=KEY, context=HERE, frame_size=SMALL))

    assert _open(sealed) == b"".join(chunks)


@given(bodies, offsets, st.none() | offsets)
def test_every_range_opens_as_a_slice(
    body: bytes, start: int, length: int | None
) -> None:
    end = None if length is None else start + length

    assert b"".join(_reader(_sealed(body)).read(start, end)) == body[start:end]


@given(bodies)
def test_sizes_follow_from_each_other(body: bytes) -> None:
    sealed = _sealed(body)

    assert len(sealed) == sealed_size(len(body), frame_size=SMALL)
    assert _reader(sealed).plain_size == len(body)


@given(long_bodies, offsets, offsets)
def test_only_the_frames_of_a_range_are_fetched(
    body: bytes, start: int, length: int
) -> None:
    requests: Requests = []
    reader = _reader(_sealed(body), requests=requests)

    list(reader.read(start, start + length))

    fetched = sum((end or 0) - begin for begin, end in requests)
    assert len(requests) <= 2
    assert fetched <= HEADER + (length // SMALL + 2) * STEP


def test_reading_from_the_start_is_one_request_and_the_header_is_kept() -> None:
    requests: Requests = []
    reader = _reader(_sealed(bytes(60)), requests=requests)

    list(reader.read(0, 1))
    list(reader.read(20, 21))

    assert requests == [(0, HEADER + STEP), (HEADER + STEP, HEADER + 2 * STEP)]


def test_the_same_bytes_never_seal_the_same() -> None:
    assert _sealed(b"body")[HEADER:] != _sealed(b"body")[HEADER:]


def test_the_plain_text_is_not_in_what_is_sealed() -> None:
    body = b"the caller said so" * 10_000

    sealed = b"".join(seal([body], key=KEY, context=HERE))

    assert b"caller" not in sealed
    assert len(sealed) == HEADER + len(body) + -(-len(body) // FRAME) * TAG


@given(bodies, st.data())
def test_a_flipped_bit_is_tampering(body: bytes, data: st.DataObject) -> None:
    sealed = bytearray(_sealed(body))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Tampered):
        _open(bytes(sealed))


@given(bodies, st.data())
def test_a_truncated_stream_is_tampering(body: bytes, data: st.DataObject) -> None:
    sealed = _sealed(body)
    kept = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(Tampered):
        _open(sealed[:kept])


@given(long_bodies, st.data())
def test_a_stream_cut_between_frames_is_tampering(
    body: bytes, data: st.DataObject
) -> None:
    sealed = _sealed(body)
    frames = data.draw(st.integers(1, len(_split(sealed)) - 1))

    with pytest.raises(Tampered):
        _open(sealed[: HEADER + frames * STEP])


@given(long_bodies, offsets)
def test_a_read_past_a_false_end_is_tampering(body: bytes, beyond: int) -> None:
    cut = _sealed(body)[: HEADER + STEP]

    with pytest.raises(Tampered):
        _reader(cut).read(SMALL + beyond)


def test_a_stream_emptied_to_one_tag_is_tampering() -> None:
    cut = _sealed(b"something")[: HEADER + TAG]

    with pytest.raises(Tampered):
        _open(cut)


@given(long_bodies)
def test_a_blob_shorter_than_its_row_says_is_tampering(body: bytes) -> None:
    sealed = _sealed(body)
    reader = _reader(sealed[:-1], size=len(sealed))

    with pytest.raises(Tampered):
        list(reader.read())


@given(bodies, st.binary(min_size=1, max_size=2 * STEP))
def test_an_extended_stream_is_tampering(body: bytes, more: bytes) -> None:
    with pytest.raises(Tampered):
        _open(_sealed(body) + more)


@given(long_bodies, st.data())
def test_swapped_or_reordered_frames_are_tampering(
    body: bytes, data: st.DataObject
) -> None:
    sealed = _sealed(body)
    frames = _split(sealed)
    moved = data.draw(st.permutations(frames).filter(lambda new: new != frames))

    with pytest.raises(Tampered):
        _open(sealed[:HEADER] + b"".join(moved))


@given(long_bodies, st.data())
def test_a_replayed_frame_is_tampering(body: bytes, data: st.DataObject) -> None:
    sealed = _sealed(body)
    frames = _split(sealed)
    at = data.draw(st.integers(0, len(frames) - 1))

    with pytest.raises(Tampered):
        _open(sealed[:HEADER] + b"".join([*frames[: at + 1], *frames[at:]]))


@given(long_bodies, st.data())
def test_a_frame_of_another_stream_of_the_same_key_is_tampering(
    body: bytes, data: st.DataObject
) -> None:
    sealed = _sealed(body)
    frames, others = _split(sealed), _split(_sealed(body))
    at = data.draw(st.integers(0, len(frames) - 1))
    frames[at] = others[at]

    with pytest.raises(Tampered):
        _open(sealed[:HEADER] + b"".join(frames))


@given(bodies)
def test_the_header_of_another_stream_is_tampering(body: bytes) -> None:
    with pytest.raises(Tampered):
        _open(_sealed(body)[:HEADER] + _sealed(body)[HEADER:])


@pytest.mark.parametrize(
    "other",
    [
        blob_context(2, object_id=7, role="audio"),
        blob_context(1, object_id=8, role="audio"),
        blob_context(1, object_id=7, role="peaks"),
        blob_context(17, object_id=7, role="audio"),
        b"",
    ],
)
def test_another_tenant_object_or_role_is_tampering(other: bytes) -> None:
    with pytest.raises(Tampered):
        _open(_sealed(b"body"), context=other)


def test_another_key_is_tampering() -> None:
    with pytest.raises(Tampered):
        _open(_sealed(b"body"), key=b"o" * 32)


@given(st.binary(max_size=4 * STEP))
def test_what_was_never_sealed_is_tampering(noise: bytes) -> None:
    with pytest.raises(Tampered):
        _open(noise)


def test_a_stream_of_another_frame_size_is_tampering() -> None:
    sealed = b"".join(seal([b"body"], key=KEY, context=HERE))

    with pytest.raises(Tampered):
        _open(sealed)


@given(long_bodies)
def test_tampering_in_the_first_frame_is_raised_by_the_call(body: bytes) -> None:
    sealed = bytearray(_sealed(body))
    sealed[HEADER] ^= 1

    with pytest.raises(Tampered):
        _reader(bytes(sealed)).read()


def test_nothing_of_a_tampered_frame_is_given() -> None:
    sealed = bytearray(_sealed(bytes(3 * SMALL)))
    sealed[HEADER + STEP + SMALL] ^= 1
    stream = _reader(bytes(sealed)).read()

    assert next(stream) == bytes(SMALL)
    with pytest.raises(Tampered):
        next(stream)


@pytest.mark.parametrize(
    "ask",
    [
        partial(SealedReader.read, start=-1),
        partial(SealedReader.read, start=3, end=2),
    ],
)
def test_a_range_may_not_run_backwards(ask: Callable[[SealedReader], object]) -> None:
    with pytest.raises(Malformed):
        ask(_reader(_sealed(b"body")))


def test_a_role_cannot_forge_another_context() -> None:
    with pytest.raises(Malformed):
        blob_context(1, object_id=7, role="audio:8")
