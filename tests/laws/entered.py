"""Of which parts of interactions the log speaks, and ``docs/rights.md``."""

import re
from pathlib import Path

from valv.audit import searches
from valv.audit.models import Entry
from valv.storage import scope
from valv.tenants.models import Tenant

SAME = {"raw events": "raw data"}  # of one interaction, and of many
PARTS = {"recording", "chat log", "transcript", "survey", "raw data"}
ROW = re.compile(r"\| `([A-Z]+) (\S+)` \| ([^|]+) \|")
TABLES = Path("docs/rights.md").read_text(encoding="utf-8")
TOLD = {(method, path): told for method, path, told in ROW.findall(TABLES)}


def last_entry(tenant: Tenant) -> int:
    searches.flush()
    with scope.reading(tenant.id):
        return Entry.objects.latest("id").id or 0


def parts_since(tenant: Tenant, last: int) -> set[str]:
    """Of which parts of interactions the entries after that one speak."""
    searches.flush()
    with scope.reading(tenant.id):
        after = Entry.objects.filter(id__gt=last, content__isnull=False)
        named = after.values_list("content", flat=True)
        found = {(name or "").partition(":")[0].replace("_", " ") for name in named}
        return {SAME.get(name, name) for name in found} & PARTS


def parts_in(told: str) -> set[str]:
    """The same of a cell in the tables of ``docs/rights.md``."""
    return set(told.split(", ")) & PARTS
