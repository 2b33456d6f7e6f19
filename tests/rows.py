"""Which tests ask for rows, and that these are given both databases."""

from typing import Any

import pytest

ALIASES = ["default", "keys"]
COMMITS = {"transaction", "transactional_db", "live_server"}
ASK_FOR_ROWS = {"db", "transactional_db", "live_server", "laid_once"}


def open_both_databases(item: pytest.Item) -> None:
    """Raises UsageError if it would commit, and asks for what is never committed."""
    marker = item.get_closest_marker("django_db")
    asked = ASK_FOR_ROWS.intersection(getattr(item, "fixturenames", ()))
    if marker is None and not asked:
        return
    stated: dict[str, Any] = dict(marker.kwargs) if marker else {}
    if "laid_once" in asked and COMMITS & {*asked, *(k for k in stated if stated[k])}:
        raise pytest.UsageError(
            f"{item.nodeid}: what is laid once is never committed, so a test that "
            "needs commits (`transaction=True`) cannot ask for it."
        )
    stated.setdefault("databases", ALIASES)
    item.add_marker(pytest.mark.django_db(**stated), append=False)
