"""An audit entry's MAC: one row by itself is as it was in a batch."""

from hashlib import blake2b

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from valv.core.entries import mac_of, macs_of

KEY = bytes(range(32))
VALUES = st.none() | st.integers(-(2**63), 2**63 - 1) | st.text() | st.just('\n["')
ROWS = st.lists(st.lists(VALUES, min_size=1, max_size=10).map(tuple), max_size=5)


@given(st.integers(1, 2**31 - 1), ROWS)
def test_a_row_has_the_mac_that_the_format_says(
    tenant_id: int, rows: list[tuple[object, ...]]
) -> None:
    told = [msgspec.json.encode((tenant_id, *row)) for row in rows]
    macs = [blake2b(one, key=KEY, digest_size=16).digest() for one in told]

    assert macs_of(KEY, tenant_id, rows) == macs
    assert [mac_of(KEY, tenant_id, *row) for row in rows] == macs
