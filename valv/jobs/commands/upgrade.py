"""``valv upgrade``: bring both databases to this version's schema."""

import argparse

from django.conf import settings

from valv.audit.changes import adopt_log
from valv.jobs.command import OK, Asked
from valv.storage import installation, keys, schema
from valv.tenants.queries import log_keepers

HELP = "bring the databases to this version's schema"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(asked: Asked) -> int:
    schema.prepare(settings.VALV_DATA)
    installation.check()
    for tenant in log_keepers():
        keys.complete_for_tenant(tenant.id)
        adopt_log(tenant.id, actor=asked.actor, now=asked.now)
    asked.answer({"upgraded": True}, "The databases are at the newest schema.")
    return OK
