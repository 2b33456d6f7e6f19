"""Run inside an installation: what it holds, as one line of JSON.

``python -m tests.crash.state DAYS`` first runs the nights that lie DAYS apart, so that
what a crash left is old enough for the sweep. Ids and times of writing are left out:
they differ from run to run.
"""

import json
import os
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import django


def main(ahead: list[int]) -> None:
    """Write the state after nights run so many days ahead."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
    django.setup()
    from valv.config.checks import check_start
    from valv.lifecycle import nightly
    from valv.tenants.queries import tenants

    check_start(["nightly"])
    (tenant,) = tenants()
    reports = []
    for days in ahead:
        now = datetime.now(UTC) + timedelta(days=days)
        reports.append(
            nightly.run(tenant, nightly.today(tenant, now), now=now).is_whole
        )
    json.dump({"whole": all(reports), **_state(tenant)}, sys.stdout)


def _state(tenant: Any) -> dict[str, Any]:
    from valv.archive.models import ChatPart, Content, Identifier, Interaction
    from valv.audit.verify import verify
    from valv.lifecycle.orphans import find_orphans
    from valv.storage import blobstore, scope
    from valv.storage.keys import KeyKind
    from valv.storage.models import (
        Installation,
        Intent,
        KeyInstallation,
        SealingKey,
    )

    with scope.reading(tenant.id):
        sessions = dict(Interaction.objects.values_list("id", "session_id"))
        contents = sorted(
            [sessions[row.interaction_id], row.kind, row.n, row.state]
            for row in Content.objects.all()
        )
        named = {
            blob
            for row in Content.objects.filter(state=1)
            for blob in (row.blob, row.peaks_blob)
            if blob
        }
        held = {
            "identifiers": Identifier.objects.count(),
            "chat_parts": ChatPart.objects.count(),
            "intents": Intent.objects.count(),
        }
    living = SealingKey.objects.using("keys").filter(tenant_id=tenant.id)
    blobs = {blob.key for blob in blobstore.store().list(str(tenant.id))}
    verdict = verify(tenant.id)
    data, keys = Installation.objects.get(), KeyInstallation.objects.using("keys").get()
    return {
        "sessions": sorted(sessions.values()),
        "contents": contents,
        **held,
        "keys": {kind.name: living.filter(kind=kind).count() for kind in KeyKind},
        "lost_blobs": len(named - blobs),
        "spare_blobs": len(blobs - named),
        "orphans": find_orphans(tenant.id),
        "log": [verdict.ok, verdict.pending],
        "older_keys": keys.generation < data.generation,
    }


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]])
