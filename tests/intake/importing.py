"""A way to run an import, and folders to run it on."""

import zipfile
from pathlib import Path
from typing import Any

from tests.cast import NOW, OPERATOR
from valv.archive.models import Content, Interaction
from valv.core.interaction import ContentState
from valv.intake import imports
from valv.intake.imports import Import
from valv.intake.mapping import read_map
from valv.storage import scope
from valv.storage.models import SealingKey
from valv.tenants.models import Tenant

CONTENT = 3


def run(
    tenant: Tenant, *paths: Path, dry_run: bool = False, made: Path | None = None
) -> dict[str, Any]:
    """Import; answers the report."""
    told = read_map(made) if made is not None else None
    work = Import(tenant, OPERATOR, NOW, map=told, dry_run=dry_run)
    imports.run(work, list(paths))
    return work.as_json()


def counts(report: dict[str, Any]) -> tuple[int, int, int, int, int]:
    return (
        report["imported"],
        report["updated"],
        report["unchanged"],
        len(report["refused"]),
        len(report["failed"]),
    )


def lay(folder: Path, **files: bytes) -> Path:
    """Files by name, in which ``__`` stands for a dot."""
    folder.mkdir(exist_ok=True)
    for name, body in files.items():
        (folder / name.replace("__", ".")).write_bytes(body)
    return folder


def zipped(folder: Path, archive: Path) -> Path:
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as out:
        for path in sorted(folder.iterdir()):
            out.write(path, path.name)
    return archive


def rows(tenant: Tenant) -> list[Interaction]:
    with scope.reading(tenant.id):
        return list(Interaction.objects.order_by("started_at", "id"))


def contents(tenant: Tenant) -> list[tuple[int, int, str]]:
    """Kind, number and state of all content."""
    with scope.reading(tenant.id):
        found = Content.objects.order_by("interaction_id", "kind", "n")
        return [
            (row.kind, row.n, ContentState.numbered(row.state).value) for row in found
        ]


def content_keys() -> int:
    return SealingKey.objects.using("keys").filter(kind=CONTENT).count()
