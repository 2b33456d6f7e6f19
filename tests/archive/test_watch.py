"""What processes remember in the clear is let go of, whether they search or not."""

import pytest

from valv.archive import people, watch
from valv.core.phones import read_phone


@pytest.mark.django_db
def test_a_number_that_was_taken_in_is_not_remembered() -> None:
    assert people.held() == []
    read_phone("070-123 45 67", region="SE")

    watch.look()

    assert read_phone.cache_info().currsize == 0
