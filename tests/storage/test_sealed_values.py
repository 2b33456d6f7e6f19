"""Small values and wrapped keys: they open where they belong and nowhere else."""

from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valv.storage.sealed import (
    Tampered,
    open_value,
    seal_value,
    unwrap,
    wrap,
)

KEY = b"k" * 32
OTHER = b"o" * 32
HERE = b"identifier:1:7"
THERE = b"identifier:2:7"

keys = st.binary(min_size=32, max_size=32)


@given(st.binary(max_size=200), keys, st.binary(max_size=20))
def test_a_value_opens_as_it_was(plain: bytes, key: bytes, context: bytes) -> None:
    sealed = seal_value(plain, key=key, context=context)

    assert open_value(sealed, key=key, context=context) == plain


@given(st.binary(max_size=50), st.data())
def test_a_flipped_bit_in_a_value_is_tampering(
    plain: bytes, data: st.DataObject
) -> None:
    sealed = bytearray(seal_value(plain, key=KEY, context=HERE))
    bit = data.draw(st.integers(0, 8 * len(sealed) - 1))
    sealed[bit // 8] ^= 1 << bit % 8

    with pytest.raises(Tampered):
        open_value(bytes(sealed), key=KEY, context=HERE)


@given(st.binary(max_size=50), st.data())
def test_a_truncated_value_is_tampering(plain: bytes, data: st.DataObject) -> None:
    sealed = seal_value(plain, key=KEY, context=HERE)
    kept = data.draw(st.integers(0, len(sealed) - 1))

    with pytest.raises(Tampered):
        open_value(sealed[:kept], key=KEY, context=HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        partial(open_value, key=OTHER, context=HERE),
        partial(open_value, key=KEY, context=THERE),
        partial(unwrap, under=KEY, context=HERE),
    ],
    ids=["key", "context", "purpose"],
)
def test_a_value_opens_nowhere_else(elsewhere: Callable[[bytes], bytes]) -> None:
    sealed = seal_value(bytes(32), key=KEY, context=HERE)

    with pytest.raises(Tampered):
        elsewhere(sealed)


@given(keys, keys)
def test_a_wrapped_key_unwraps(key: bytes, under: bytes) -> None:
    assert unwrap(wrap(key, under, HERE), under, HERE) == key


@pytest.mark.parametrize(
    "elsewhere",
    [
        partial(unwrap, under=OTHER, context=HERE),
        partial(unwrap, under=KEY, context=THERE),
        partial(open_value, key=KEY, context=HERE),
    ],
    ids=["key", "context", "purpose"],
)
def test_a_wrapped_key_opens_nowhere_else(
    elsewhere: Callable[[bytes], bytes],
) -> None:
    wrapped = wrap(OTHER, KEY, HERE)

    with pytest.raises(Tampered):
        elsewhere(wrapped)


@pytest.mark.parametrize("size", [0, 16, 24, 31, 33])
def test_a_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        seal_value(b"", key=bytes(size), context=HERE)
    with pytest.raises(ValueError, match="32 bytes"):
        wrap(bytes(size), KEY, HERE)
