"""Prepared files: zips under keys of their own, which end with anything in them.

Whoever takes content away, or cuts somebody from an interaction, ends the files it is
in, in the same transaction: their rows go, and the destruction of their keys and bytes
is intended. One that is still being made ends as well, for its maker finds no row.
"""

from datetime import datetime

from django.db.models import Q

from valv.archive.models import PreparedFile, PreparedPart
from valv.storage import intents, scope
from valv.storage.keys import KeyKind
from valv.storage.models import Intent
from valv.storage.raw import rows

ANY_PART = "SELECT 1 FROM prepared_part WHERE tenant_id = %s LIMIT 1"


def files_ending(which: Q, *, now: datetime) -> list[Intent]:
    """Take files away, inside a ``writing`` scope: nothing finds them then.

    The intents are still to be committed.
    """
    listed = list(PreparedFile.objects.filter(which))
    if not listed:
        return []
    ids = [file.id for file in listed]
    PreparedPart.objects.filter(file_id__in=ids).delete()
    PreparedFile.objects.filter(id__in=ids).delete()
    blobs = [one.blob for one in listed if one.blob]
    return intents.intend(KeyKind.CONTENT, ids, now=now, blob_keys=blobs)


def are_there() -> bool:
    """Whether there is any: mostly there is none, and to ask it takes no time."""
    return bool(rows(ANY_PART, [scope.current()]))


def ending_with(which: Q, *, now: datetime) -> list[Intent]:
    """The end of all files of which parts are so, as ``files_ending``."""
    if not are_there():
        return []
    parts = PreparedPart.objects.filter(which).order_by()
    ids = set(parts.values_list("file_id", flat=True))
    return files_ending(Q(id__in=ids), now=now) if ids else []
