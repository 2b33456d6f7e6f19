"""The words people read for the codes Valv works with.

Every code has one word per language, and an adjective follows its medium (an
anonymised call is *anonymiserat*, an anonymised chat *anonymiserad*). A code that has
no word is shown as it is: outcomes come from the source, and sources invent new ones.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import npgettext_lazy, pgettext_lazy

from valv.portal.privacy_words import DECISIONS as DECISIONS
from valv.portal.privacy_words import HOLD_STATES as HOLD_STATES
from valv.portal.privacy_words import REQUEST_KINDS as REQUEST_KINDS
from valv.portal.privacy_words import REQUEST_STATES as REQUEST_STATES
from valv.portal.processing_words import PEOPLE as PEOPLE
from valv.portal.processing_words import RECIPIENTS as RECIPIENTS
from valv.portal.processing_words import SAFEGUARDS as SAFEGUARDS
from valv.portal.processing_words import SERVES as SERVES
from valv.portal.rights_words import GIVEN_ROLES as GIVEN_ROLES
from valv.portal.rights_words import LEVELS as LEVELS
from valv.portal.rights_words import RIGHTS as RIGHTS
from valv.portal.rights_words import WAYS as WAYS
from valv.portal.rule_words import ANSWERS as ANSWERS
from valv.portal.rule_words import CONSENTS as CONSENTS
from valv.portal.rule_words import HOWS as HOWS
from valv.portal.rule_words import MODES as MODES
from valv.portal.rule_words import POLICY as POLICY
from valv.portal.rule_words import PURPOSES as PURPOSES
from valv.portal.rule_words import RULES as RULES
from valv.portal.rule_words import SAID as SAID
from valv.portal.rule_words import USES as USES
from valv.portal.rule_words import consent as consent
from valv.portal.sign_in_words import HOW as HOW
from valv.portal.sign_in_words import NETWORKS as NETWORKS

MEDIA: Mapping[str, object] = {
    "phone": _("Phone"),
    "chat": _("Chat"),
    "email": _("E-mail"),
    "etask": _("E-task"),
    "social": _("Social media"),
}
DIRECTIONS: Mapping[str, object] = {
    "inbound": _("Inbound"),
    "outbound": _("Outbound"),
    "internal": _("Internal"),
}
ANONYMISED: Mapping[str, object] = {
    "phone": pgettext_lazy("phone", "Anonymised"),
    "chat": pgettext_lazy("chat", "Anonymised"),
    "email": pgettext_lazy("e-mail", "Anonymised"),
    "etask": pgettext_lazy("e-task", "Anonymised"),
    "social": pgettext_lazy("social", "Anonymised"),
}
ANSWERED: Mapping[str, object] = {
    "phone": pgettext_lazy("phone", "Answered"),
    "chat": pgettext_lazy("chat", "Answered"),
    "email": pgettext_lazy("e-mail", "Answered"),
    "etask": pgettext_lazy("e-task", "Answered"),
    "social": pgettext_lazy("social", "Answered"),
}
ABANDONED: Mapping[str, object] = {
    "phone": pgettext_lazy("phone", "Abandoned"),
    "chat": pgettext_lazy("chat", "Abandoned"),
    "email": pgettext_lazy("e-mail", "Abandoned"),
    "etask": pgettext_lazy("e-task", "Abandoned"),
    "social": pgettext_lazy("social", "Abandoned"),
}
OUTCOMES = {"answered": ANSWERED, "abandoned": ABANDONED}
SECRETS: Mapping[str, object] = {
    "card": _("Payment cards"),
    "iban": _("Bank accounts (IBAN)"),
    "personal_number_se": _("Swedish personal numbers"),
    "personal_number_no": _("Norwegian personal numbers"),
    "personal_number_dk": _("Danish personal numbers"),
    "personal_number_fi": _("Finnish personal numbers"),
}
IDENTITY_KINDS: Mapping[str, object] = {
    "phone": _("Phone number"),
    "email": _("E-mail address"),
    "handle": _("Handle"),
    "name": _("Name"),
}
NOBODY: Mapping[str, object] = {
    "withheld": _("Withheld number"),
    "none": _("No identity"),
}
KINDS: Mapping[str, object] = {
    "recording": _("Recording"),
    "chat_log": _("Chat log"),
    "transcript": _("Transcript"),
}
STATES: Mapping[str, object] = {
    "awaiting": _("Awaited"),
    "present": _("Stored"),
    "deleted": _("Deleted"),
    "expired": _("Storage time ended"),
    "refused": _("Refused"),
}
LIVES: Mapping[str, object] = {
    "live": _("Live"),
    "awaiting_content": _("Awaiting content"),
    "complete": _("Complete"),
}
STEPS: Mapping[str, object] = {
    "menu": _("Menu"),
    "queue": _("Queue"),
    "callback": _("Queue (callback)"),
    "conversation": _("Conversation"),
    "consult": _("Consultation"),
    "recording": _("Recording"),
    "paused": _("Paused"),
    "consent": _("Consent"),
    "registration": _("Registration"),
}
ROLES: Mapping[str, object] = {
    "customer": _("Customer"),
    "agent": _("Agent"),
    "bot": _("Bot"),
    "system": _("System"),
}
CLASSES: Mapping[str, object] = {
    "general": _("General information"),
    "recordings": _("Recordings"),
    "restricted": _("Restricted recordings"),
    "chat_logs": _("Chat logs"),
    "transcripts": _("Transcripts"),
    "surveys": _("Surveys"),
    "raw_events": _("Raw data"),
    "log_entries": _("Log entries of no contact"),
    "scores": _("Scores of surveys that went"),
    "audit_entries": _("Log entries"),
    "identifiers": _("Identities"),
}
# Where something was found of a person.
PLACES: Mapping[str, object] = {
    "archive": npgettext_lazy("tally", "interaction", "interactions"),
    "surveys": npgettext_lazy("tally", "survey answer", "survey answers"),
    "raw_data": npgettext_lazy("tally", "raw event", "raw events"),
    "consents": npgettext_lazy("tally", "consent", "consents"),
    "chat_copies": npgettext_lazy("tally", "copy of a chat", "copies of chats"),
    "audit_log": npgettext_lazy(
        "tally", "entry in the audit log", "entries in the audit log"
    ),
    "stored_searches": npgettext_lazy("tally", "stored search", "stored searches"),
    "recordings": npgettext_lazy("tally", "recording", "recordings"),
    "chat_logs": npgettext_lazy("tally", "chat log", "chat logs"),
    "transcripts": npgettext_lazy("tally", "transcript", "transcripts"),
}
JOB_STATES: Mapping[str, object] = {
    "planned": _("Waits for approval"),
    "waiting": _("Waiting"),
    "running": _("Running"),
    "paused": _("Paused"),
    "partly": _("Partly done"),
    "done": _("Done"),
    "cancelled": _("Cancelled"),
}
# What a job on many does, to which content.
JOBS: Mapping[str, object] = {
    "download": _("Download content"),
    "download-recording": _("Download recordings"),
    "download-chat_log": _("Download chat logs"),
    "delete": _("Delete content"),
    "delete-recording": _("Delete recordings"),
    "delete-chat_log": _("Delete chat logs"),
}
TALLIES: Mapping[str, object] = {
    "archive": npgettext_lazy("tally", "hit", "hits"),
    "with_content": npgettext_lazy("tally", "with content", "with content"),
    "without_any": npgettext_lazy("tally", "never had any", "never had any"),
    "without_awaiting": npgettext_lazy("tally", "awaits content", "await content"),
    "without_deleted": npgettext_lazy(
        "tally", "with content deleted", "with content deleted"
    ),
    "without_expired": npgettext_lazy(
        "tally", "with content past its time", "with content past its time"
    ),
    "without_refused": npgettext_lazy(
        "tally", "with content refused", "with content refused"
    ),
    "locked": npgettext_lazy(
        "tally", "is restricted and stays closed", "are restricted and stay closed"
    ),
    "held": npgettext_lazy(
        "tally", "stays, for a hold or minimum", "stay, for a hold or minimum"
    ),
}
RESULTS: Mapping[str, object] = {
    "done": npgettext_lazy("result", "done", "done"),
    "waiting": npgettext_lazy("result", "waiting", "waiting"),
    "held": npgettext_lazy(
        "result", "kept by a hold or minimum", "kept by a hold or minimum"
    ),
    "refused": npgettext_lazy("result", "restricted, closed", "restricted, closed"),
    "without": npgettext_lazy("result", "without content", "without content"),
}
GAPS: Mapping[str, object] = {
    "recording": _("Recording not here"),
    "chat_log": _("Chat log not here"),
    "end": _("No end"),
    "start": _("No beginning"),
    "queue": _("New queue"),
    "agent": _("Agent went, never came"),
    "recording_start": _("Recording stopped, never started"),
    "ended_first": _("Ended before it started"),
    "after_end": _("Went on after its end"),
    "numbers": _("A running number is missing"),
}
COLUMNS: Mapping[str, object] = {
    "started": _("Time"),
    "identity": _("Customer"),
    "queue": _("Queue"),
    "agents": _("Agent"),
    "wait": _("Wait"),
    "talk": _("Talk"),
    "outcome": _("Outcome"),
    "contents": _("Content"),
    "score": _("Score"),
    "session": _("Session id"),
}
ACTORS: Mapping[str, object] = {
    "internal": _("User"),
    "support": _("Support"),
    "external": _("External person"),
    "api": _("API client"),
    "system": _("System"),
    "operator": _("Operator"),
}
ACTIONS: Mapping[str, object] = {
    "play": _("Play"),
    "see": _("See"),
    "download": _("Download"),
    "send": _("Send"),
    "share": _("Secure link"),
    "unshare": _("End of a secure link"),
    "code": _("Code of a secure link"),
    "delete": _("Delete"),
    "search": _("Search"),
    "export": _("Export"),
    "forget": _("Forget"),
    "correct": _("Correction"),
    "hold": _("Hold"),
    "request": _("Request"),
    "purge": _("Nightly run"),
    "refuse": _("Refusal"),
    "deny": _("Right denied"),
    "receive": _("Arrival"),
    "keep": _("Decision to keep"),
    "withhold": _("Decision to wait"),
    "setting": _("Setting"),
    "support": _("Support access"),
    "sign_in": _("Sign-in"),
    "sign_out": _("Sign-out"),
    "log": _("Reading the log"),
    "operate": _("Operator's command"),
}
GRANTABLE: Mapping[str, object] = {
    "see": _("See general information"),
    "play": _("Hear and read content"),
    "download": _("Download content"),
    "export": _("Export general information"),
    "surveys": _("See surveys"),
    "raw_data": _("See raw data"),
}
LINKS: Mapping[str, object] = {
    "open": pgettext_lazy("link", "Open"),
    "used": _("Used up"),
    "unsent": _("Not sent"),
    "cancelled": _("Cancelled"),
    "expired": _("Time is over"),
    "forgotten": _("The person was forgotten"),
    "gone": _("What was shared is gone"),
}
FILE_NAME_FIELDS = (
    ("date", _("Date, as 2026-11-23")),
    ("time", _("Time of day, as 140500")),
    ("session", _("The source's session id")),
    ("id", _("The interaction's id")),
    ("n", _("Which recording, or what else it is")),
    ("queue", _("Queue")),
    ("agent", _("The first agent's id")),
    ("number", _("The caller's number")),
)
SETTINGS: Mapping[str, object] = {
    "storage_times": _("Storage times"),
    "storage_change": _("Change of storage times"),
    "storage_changes": _("How storage times are changed"),
    "recording_policy": _("Recording rules"),
    "content_kept": _("What is kept"),
    "file_names": _("File names"),
    "registration_topics": _("Registration"),
    "masking": _("Masking"),
    "reasons": _("Reasons"),
    "completeness": _("Completeness"),
    "queues": _("Queues"),
    "user": _("Users"),
    "former_users": _("Users who left"),
    "former_user": _("Pseudonym of one who left"),
    "holds": _("Holds"),
    "token": _("API tokens"),
    "sign_in": _("Sign-in"),
    "token_life": _("Life of API tokens"),
    "token_rotated": _("API token with a new secret"),
    "token_revoked": _("API token revoked"),
}
SETTING_VALUES: Mapping[str, object] = {
    **CLASSES,
    "second_factor": _("A second factor is needed"),
    "provider_only": _("Only the provider counts"),
    "break_glass": _("Administrator who may still use a password"),
    "idle_minutes": _("Signed out after minutes unused"),
    "longest_hours": _("Signed out after hours in any case"),
    "network": _("Network address"),
    "log_days": _("Days it is kept"),
    "provider": _("Provider"),
    "groups": _("What its groups give"),
    "makes_users": _("Whoever it vouches for becomes a user"),
    "required": _("A reason is required to"),
    "proposed": _("Reasons to choose from"),
    "social_content": _("Content of social media"),
    "keep_original_audio": _("Recordings as their source sent them"),
    "rights": _("Rights"),
    "active": _("May sign in"),
    "renamed": _("Has another name"),
    "user_group": _("Group"),
    "agent": _("Is the agent"),
    "grant": _("Grants"),
    "deny": _("Denies"),
    "queues": _("Queues"),
    "name": _("Name"),
    "days": _("Days"),
    "confirmed": _("Confirmed"),
    "version": _("Version"),
    "patterns": _("Patterns"),
    "pattern": _("Pattern"),
    "menus": _("Menus"),
    "variables": _("Variables"),
    "off": _("Switched off"),
    "grace_days": _("Days of grace"),
    "two_persons": _("Two persons release a hold"),
    "storage_wait_days": _("Days before a change holds"),
    "storage_two_persons": _("It takes two persons to change them"),
    "state": _("State"),
    "secret": _("Secret"),
    "webhook": _("Webhook"),
}
# What may be wrong with the log; said by ``audit.verify`` in these words.
FLAWS = (
    _("An entry is missing that no purge accounts for."),
    _("The entry is not the one that was written."),
    _("Something was cut from the entry, and no later act says so."),
    _("The tree's own hashes were changed, from this entry on."),
    _("An entry that Valv did not write."),
    _("The log is shorter than a signed checkpoint says: it is an old copy, or cut."),
    _("From this entry on the log is not the one that a signed checkpoint saw."),
    _("A stored checkpoint is missing, or not signed by this log's key."),
)
SCOPES: Mapping[str, object] = {
    "intake": pgettext_lazy("scope", "Send data in"),
    "read": pgettext_lazy("scope", "Search and read general information"),
    "content": pgettext_lazy("scope", "Open and download content"),
    "restricted": pgettext_lazy("scope", "Open restricted content"),
    "delete": pgettext_lazy("scope", "Delete content"),
    "privacy": pgettext_lazy("scope", "Forget, and place holds"),
    "audit": pgettext_lazy("scope", "Read the audit log"),
    "admin": pgettext_lazy("scope", "Administer"),
}


def word(words: Mapping[str, object], code: str) -> str:
    """The word for a code, or the code itself where there is none."""
    return str(words.get(code, code))


def counted(words: Mapping[str, object], code: str, count: int) -> str:
    """The word for so many of a code, without their number; else the code itself."""
    said = words.get(code)
    return str(said % count) if isinstance(said, Promise) else code


def outcome(code: str, *, media: str) -> str:
    return word(OUTCOMES.get(code, {}), media if code in OUTCOMES else code)


def nobody(state: str, *, media: str) -> str:
    """What stands where an identity would: anonymised, withheld or none."""
    return word(ANONYMISED, media) if state == "anonymised" else word(NOBODY, state)
