"""``valv nightly``: remove what is past its storage time, now."""

import argparse

from valv.jobs.command import FAILED, OK, Asked
from valv.lifecycle import nightly
from valv.tenants.models import Tenant
from valv.tenants.queries import tenant_by_slug, tenants

HELP = "remove what is past its storage time; may be repeated"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="say what would go, and change nothing"
    )


def run(asked: Asked) -> int:
    chosen = [tenant_by_slug(asked.tenant)] if asked.tenant else tenants()
    reports = {tenant.slug: _one(asked, tenant) for tenant in chosen}
    whole = [report.as_json() for report in reports.values()]
    asked.answer(
        whole[0] if len(whole) == 1 else dict(zip(reports, whole, strict=True)),
        "\n".join(_sentence(slug, report) for slug, report in reports.items()),
    )
    return OK if all(report.is_whole for report in reports.values()) else FAILED


def _one(asked: Asked, tenant: Tenant) -> nightly.Report:
    date = nightly.today(tenant, asked.now)
    if asked.dry_run:
        return nightly.preview(tenant, date)
    return nightly.run(tenant, date, now=asked.now, actor=asked.actor)


def _sentence(slug: str, report: nightly.Report) -> str:
    went = ", ".join(f"{name} {count}" for name, count in report.counts.items())
    return f"{slug} {report.date}: {went}."
