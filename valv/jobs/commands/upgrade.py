"""``valv upgrade``: bring both databases to this version's schema."""

import argparse

from django.conf import settings

from valv.jobs.command import OK, Asked
from valv.storage import installation, schema

HELP = "bring the databases to this version's schema"


def arguments(parser: argparse.ArgumentParser) -> None:
    """None of its own."""


def run(asked: Asked) -> int:
    schema.prepare(settings.VALV_DATA)
    installation.check()
    asked.answer({"upgraded": True}, "The databases are at the newest schema.")
    return OK
