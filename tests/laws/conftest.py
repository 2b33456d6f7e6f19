"""A source that sends things in to Acme."""

import pytest

from tests.intake.asking import Source
from valv.tenants.models import Tenant


@pytest.fixture
def source(acme: Tenant) -> Source:
    return Source.of(acme)
