"""``valv doctor``: what is wrong with this installation, in sentences."""

import argparse

from valv.jobs.command import OK, Asked
from valv.jobs.findings import findings_of
from valv.lifecycle.orphans import find_orphans
from valv.storage import blobstore, installation
from valv.tenants.queries import tenants

HELP = "look for what is wrong, and say what to do"

ORPHANS = (
    "Tenant “{tenant}”: table {table} speaks of {count} interactions that are not "
    "there. The next nightly run removes what hangs on them."
)


def arguments(_parser: argparse.ArgumentParser) -> None:
    """There is nothing to choose."""


def run(asked: Asked) -> int:
    warnings = installation.warnings() + blobstore.warnings()
    for tenant in tenants():
        warnings += [
            ORPHANS.format(tenant=tenant.slug, table=table, count=count)
            for table, count in find_orphans(tenant.id).items()
        ]
        warnings += findings_of(tenant, now=asked.now)
    asked.answer(
        {"ok": not warnings, "warnings": warnings},
        "\n".join(warnings) or "Nothing is wrong.",
    )
    return OK
