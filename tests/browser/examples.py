"""Every page, with made-up values to draw it from."""

from collections.abc import Callable
from datetime import date

from tests.browser.example_account import (
    access_log,
    account,
    account_codes,
    authenticator,
    confirming,
    sign_in_settings,
)
from tests.browser.example_completeness import alarm, completeness, nothing_missing
from tests.browser.example_hits import hits, search
from tests.browser.example_holds import hold_hits, holds, one_hold
from tests.browser.example_interactions import call, chat, email
from tests.browser.example_jobs import (
    deletion,
    deletion_plan,
    download_plan,
    downloaded,
    my_jobs,
    no_jobs,
)
from tests.browser.example_links import links, new_link, visited
from tests.browser.example_privacy import (
    anonymise,
    done,
    many_persons,
    nobody_yet,
    partly,
    plan,
    running,
)
from tests.browser.example_raw_data import raw_data, raw_events
from tests.browser.example_recording import recording_rules
from tests.browser.example_reports import (
    audit_log,
    deletion_report,
    processing_record,
    surveys,
    tonight,
)
from tests.browser.example_requests import request, requests
from tests.browser.example_restrictions import restrictions
from tests.browser.example_settings import (
    asked_why,
    change_log,
    correction,
    file_names,
    masking,
    reasons,
    staff,
    tokens,
    topics,
)
from tests.browser.example_storage import storage_rules, storage_times
from tests.browser.example_support import (
    support_access,
    support_change,
    support_desk,
)
from tests.browser.example_users import group, groups, user, users
from valv.portal.contexts.frame import ConfirmPage, Frame, SignInCodePage, SignInPage
from valv.portal.contexts.reports import ContentKeptPage, DeletionReportPage

ALL_PAGES = frozenset(
    {
        "search",
        "surveys",
        "tonight",
        "storage-times",
        "processing-record",
        "content-kept",
        "deletion-report",
        "file-names",
        "access-log",
        "sign-in-settings",
        "audit-log",
        "anonymise",
        "holds",
        "restrictions",
        "requests",
        "topics",
        "masking",
        "tokens",
        "reasons",
        "change-log",
        "staff",
        "users",
        "user-groups",
        "raw-data",
        "recording-rules",
        "completeness",
        "links",
        "support-access",
    }
)


def frame(language: str, theme: str, here: str = "search", **more: object) -> Frame:
    known: dict[str, object] = {
        "person": "Alma Berg",
        "tenant": "Acme",
        "pages": ALL_PAGES,
        **more,
    }
    return Frame(language=language, theme=theme, here=here, **known)  # type: ignore[arg-type]


def confirm_one() -> ConfirmPage:
    back = "/interactions/3700000000000000001"
    return ConfirmPage(
        action=f"{back}/recordings/1/delete", what="recording", back=back, n=1
    )


PAGES: dict[str, tuple[str, str, Callable[[], object]]] = {
    "sign-in": (
        "sign_in.html",
        "",
        lambda: SignInPage(providers=(("/oidc", "Acme ID"),)),
    ),
    "account": ("account.html", "account", account),
    "account-codes": ("account.html", "account", account_codes),
    "authenticator": ("authenticator.html", "account", authenticator),
    "confirming": ("confirming.html", "", confirming),
    "access-log": ("access_log.html", "access-log", access_log),
    "sign-in-settings": ("sign_in_settings.html", "sign-in-settings", sign_in_settings),
    "sign-in-code": ("sign_in_code.html", "", lambda: SignInCodePage(fault="?")),
    "search": (
        "search.html",
        "search",
        lambda: search(hits(past_storage=date(2026, 9, 1))),
    ),
    "content-kept": (
        "content_kept.html",
        "content-kept",
        lambda: ContentKeptPage(social_content=True, keep_original_audio=False),
    ),
    "correction": ("correction.html", "search", correction),
    "correction-fault": ("correction.html", "search", lambda: correction("?")),
    "deletion-report": ("deletion_report.html", "deletion-report", deletion_report),
    "deletion-report-none": (
        "deletion_report.html",
        "deletion-report",
        lambda: DeletionReportPage("2026-11-23", "2026-11-01"),
    ),
    "file-names": ("file_names.html", "file-names", file_names),
    "file-names-fault": ("file_names.html", "file-names", lambda: file_names("?")),
    "search-start": ("search.html", "search", lambda: search(None)),
    "search-none": (
        "search.html",
        "search",
        lambda: search(hits(rows=(), count=0, capped=False, by_person=True)),
    ),
    "call": ("interaction.html", "search", call),
    "chat": ("interaction.html", "search", chat),
    "email": ("interaction.html", "search", email),
    "confirm": ("confirm.html", "search", confirm_one),
    "confirm-part": ("confirm_box.html", "search", confirm_one),
    "completeness": ("completeness.html", "completeness", completeness),
    "completeness-none": ("completeness.html", "completeness", nothing_missing),
    "completeness-fault": (
        "completeness.html",
        "completeness",
        lambda: completeness(alarm=alarm(webhook="?", worse_by="?")),
    ),
    "raw-data": ("raw_data.html", "raw-data", raw_data),
    "call-raw": (
        "interaction.html",
        "search",
        lambda: call(may_see_raw=True, raw=raw_events()),
    ),
    "surveys": ("surveys.html", "surveys", surveys),
    "storage-times": (
        "storage_times.html",
        "storage-times",
        lambda: storage_times(preview=False),
    ),
    "storage-change": (
        "storage_times.html",
        "storage-times",
        lambda: storage_times(preview=True),
    ),
    "storage-waits": (
        "storage_times.html",
        "storage-times",
        lambda: storage_times(preview=False, waits=True),
    ),
    "storage-rules": (
        "storage_rules.html",
        "storage-times",
        lambda: storage_rules(preview=False),
    ),
    "storage-rules-change": (
        "storage_rules.html",
        "storage-times",
        lambda: storage_rules(preview=True),
    ),
    "processing-record": ("processing.html", "processing-record", processing_record),
    "tonight": ("tonight.html", "tonight", tonight),
    "anonymise": ("anonymise.html", "anonymise", anonymise),
    "anonymise-fault": ("anonymise.html", "anonymise", lambda: anonymise("?")),
    "anonymise-none": ("anonymise.html", "anonymise", nobody_yet),
    "anonymise-many": ("anonymise_many.html", "anonymise", many_persons),
    "anonymise-plan": ("anonymise_job.html", "anonymise", plan),
    "anonymise-running": ("anonymise_job.html", "anonymise", running),
    "anonymise-partly": ("anonymise_job.html", "anonymise", partly),
    "anonymise-done": ("anonymise_job.html", "anonymise", done),
    "holds": ("holds.html", "holds", holds),
    "hold": ("hold.html", "holds", one_hold),
    "restrictions": ("restrictions.html", "restrictions", restrictions),
    "requests": ("requests.html", "requests", requests),
    "request": ("request.html", "requests", request),
    "hold-hits": ("hold_hits.html", "search", hold_hits),
    "jobs": ("jobs.html", "jobs", my_jobs),
    "jobs-none": ("jobs.html", "jobs", no_jobs),
    "job-download-plan": ("job.html", "jobs", download_plan),
    "job-download": ("job.html", "jobs", downloaded),
    "job-delete-plan": ("job.html", "jobs", deletion_plan),
    "job-delete": ("job.html", "jobs", deletion),
    "audit-log": ("audit_log.html", "audit-log", audit_log),
    "recording-rules": ("recording_rules.html", "recording-rules", recording_rules),
    "recording-rules-change": (
        "recording_rules.html",
        "recording-rules",
        lambda: recording_rules(preview=True, fault="?"),
    ),
    "topics": ("topics.html", "topics", topics),
    "topics-fault": ("topics.html", "topics", lambda: topics(fault="?")),
    "masking": ("masking.html", "masking", masking),
    "staff": ("staff.html", "staff", staff),
    "users": ("users.html", "users", users),
    "users-fault": ("users.html", "users", lambda: users(fault="?")),
    "user": ("user.html", "users", user),
    "user-groups": ("user_groups.html", "user-groups", groups),
    "user-group": ("user_group.html", "user-groups", group),
    "change-log": ("change_log.html", "change-log", change_log),
    "reasons": ("reasons.html", "reasons", reasons),
    "reason": ("reason.html", "search", asked_why),
    "masking-fault": ("masking.html", "masking", lambda: masking(fault="?")),
    "tokens": ("tokens.html", "tokens", tokens),
    "tokens-made": (
        "tokens.html",
        "tokens",
        lambda: tokens(secret="valv_9dT2kQw7Zr3LmXb5VnC8pYs1HfJ6gEa4UoRi0tAqWzM"),
    ),
    "tokens-fault": ("tokens.html", "tokens", lambda: tokens(fault="?")),
    "links": ("links.html", "links", links),
    "support-access": ("support_access.html", "support-access", support_access),
    "support-none": (
        "support_access.html",
        "support-access",
        lambda: support_access(none=True),
    ),
    "support-change": ("support_change.html", "support-access", support_change),
    "support-desk": ("support_desk.html", "search", support_desk),
    "link-new": ("link_new.html", "search", new_link),
    "link-new-fault": ("link_new.html", "search", lambda: new_link(faulty=True)),
    "shared-ask": ("shared.html", "", lambda: visited("ask")),
    "shared-code": ("shared.html", "", lambda: visited("code", fault="?")),
    "shared-open": ("shared.html", "", lambda: visited("open")),
    "shared-nowhere": ("shared.html", "", lambda: visited("nowhere")),
    "not-found": ("404.html", "", lambda: None),
    "changed-meanwhile": ("409.html", "", lambda: None),
}
