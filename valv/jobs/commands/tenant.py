"""``valv tenant close FOLDER``: hand over all that a tenant has, and destroy it."""

import argparse
from pathlib import Path

from valv.core.errors import Malformed
from valv.jobs.command import OK, Asked
from valv.lifecycle import closing
from valv.tenants.queries import tenant_by_slug

HELP = "close a tenant: one person asks, another confirms with --yes"
TOLD_ASKED = (
    "Asked for: {interactions} interactions would be exported and destroyed. Somebody"
    " else now runs this with --yes, within seven days."
)
TOLD_CLOSED = "The tenant is closed. All it had is in {folder}, with the receipt."


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("act", choices=["close"])
    parser.add_argument("folder", type=Path, help="where all it has is exported to")
    parser.add_argument("--yes", action="store_true", help="what was asked for, do it")


def run(asked: Asked) -> int:
    folder: Path = asked.folder
    tenant = tenant_by_slug(asked.tenant)
    if not folder.parent.is_dir():
        raise Malformed("There is no such folder.", field="folder")
    if not asked.yes:
        counts = closing.ask(tenant, actor=asked.actor, now=asked.now)
        asked.answer({"asked": counts}, TOLD_ASKED.format(**counts))
        return OK
    receipt = closing.close(tenant, folder, actor=asked.actor, now=asked.now)
    asked.answer({"receipt": receipt}, TOLD_CLOSED.format(folder=folder))
    return OK
