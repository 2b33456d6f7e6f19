"""Interactions that were chosen by hand, to act on them together."""

from collections.abc import Iterable

from valv.archive.items import Item, items
from valv.archive.rows import rows_of
from valv.core.errors import BadRequest
from valv.core.ids import id_from_text
from valv.core.permissions import Right
from valv.core.search import HIGHEST_LIMIT
from valv.storage import scope
from valv.tenants.access import Caller


def chosen(caller: Caller, id_texts: Iterable[str]) -> list[Item]:
    """Those of them that are there and the caller's, newest first.

    Raises Forbidden without the right to see, NotFound for what is no id, and
    BadRequest for more than a page holds.
    """
    caller.require(Right.SEE)
    ids = chosen_ids(id_texts)
    with scope.reading(caller.tenant.id):
        found = sorted(
            rows_of(ids, reach=caller.reach),
            key=lambda row: row[:2],
            reverse=True,
        )
        return items(caller.tenant, found)


def chosen_ids(id_texts: Iterable[str]) -> list[int]:
    """Their ids in order, whether they are there or not. Raises as ``chosen``."""
    ids = {id_from_text(text) for text in id_texts}
    if len(ids) > HIGHEST_LIMIT:
        raise BadRequest(f"At most {HIGHEST_LIMIT} at once.", field="id")
    return sorted(ids)
