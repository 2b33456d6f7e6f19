"""What is read without the ORM is what the ORM reads, of the scope's tenant alone."""

from typing import Any

import pytest

from tests.archive.factories import Made, make
from tests.cast import NOW
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentKind
from valv.storage import scope
from valv.storage.columns import stored
from valv.tenants.models import StorageSetting, Tenant

CALL = Made(NOW, agents=("a7",), subject="Late", contents=(ContentKind.RECORDING,))
MODELS = (Interaction, Content, StorageSetting)


def values(rows: Any) -> list[dict[str, Any]]:
    return [
        {f.attname: getattr(row, f.attname) for f in row._meta.fields} for row in rows
    ]


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_row_is_as_the_orm_makes_it(acme: Tenant, model: Any) -> None:
    make(acme, CALL, now=NOW)

    with scope.reading(acme.id):
        read = stored(model)
        assert values(read) == values(model.objects.all()) != []
        assert not read[0]._state.adding


@pytest.mark.parametrize("model", MODELS)
def test_nobody_elses_rows_are_stored(
    acme: Tenant, borealis: Tenant, model: Any
) -> None:
    make(acme, CALL, now=NOW)

    with scope.reading(borealis.id):
        assert {row.tenant_id for row in stored(model)} <= {borealis.id}
