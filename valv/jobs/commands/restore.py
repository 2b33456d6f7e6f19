"""``valv restore FOLDER``: put a copy back, and blank what was forgotten since.

Nothing is served before that is done: until then every other command is refused.
"""

import argparse
from pathlib import Path

from django.conf import settings
from django.db import connections

from valv.core.errors import Conflict, Misconfigured
from valv.jobs.command import OK, Asked
from valv.lifecycle.restored import blank_keyless
from valv.storage import copies, installation, keys, schema
from valv.storage.models import Installation, KeyInstallation
from valv.tenants.queries import tenants

HELP = "put back what `valv backup` copied; who was forgotten since stays forgotten"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--data", metavar="NAME", help="which copy of the data; the newest unless said"
    )


def run(asked: Asked) -> int:
    place = copies.copy_named(asked.folder, asked.data)
    if settings.VALV_MASTER_KEY is None:
        raise Misconfigured(
            "The master key is not here. Put master.key into VALV_DATA, or set "
            "VALV_MASTER_KEY or VALV_MASTER_KEY_FILE."
        )
    mark: Path = settings.VALV_DATA / installation.RESTORING
    _claim(mark)
    _put_back(asked.folder, place)
    installation.check()
    copies.put_back_blobs(asked.folder)
    blanked = {
        tenant.slug: blank_keyless(tenant, actor=asked.actor, now=asked.now)
        for tenant in tenants()
    }
    mark.unlink()
    asked.answer(
        {"data": place.name, "blanked": blanked},
        f"The copy {place.name} is put back, and nobody in it who was forgotten since.",
    )
    return OK


def _claim(mark: Path) -> None:
    """Raises Conflict where there is an archive already."""
    mark.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not mark.exists() and _is_archive():
        raise Conflict(
            "There is an archive here already. Restore into an empty VALV_DATA, and "
            "empty databases."
        )
    mark.touch()


def _is_archive() -> bool:
    connection = connections["default"]
    if connection.vendor == "sqlite":
        return Path(str(connection.settings_dict["NAME"])).exists()
    schema.prepare(settings.VALV_DATA)
    return Installation.objects.exists()


def _put_back(folder: Path, place: Path) -> None:
    """Keys first: data that is there without its keys could not be told apart."""
    connections.close_all()
    if connections["default"].vendor != "sqlite":
        schema.prepare(settings.VALV_DATA)
    is_file = connections[keys.KEYS_DB].vendor == "sqlite"
    if is_file or not KeyInstallation.objects.using(keys.KEYS_DB).exists():
        copies.put_back_keys(folder)
    if connections["default"].vendor == "sqlite" or not Installation.objects.exists():
        copies.put_back_data(place)
    schema.prepare(settings.VALV_DATA)
