"""Audit entries as the sentences people read."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from valv.portal.words import ACTIONS, ACTORS, word

# who, n and id are filled in; the words for a content kind stand inside the sentence,
# for in Swedish they bend.
SENTENCES: Mapping[tuple[str, str], object] = {
    ("play", "recording"): _(
        "%(who)s listened to recording %(n)s of interaction %(id)s"
    ),
    ("see", ""): _("%(who)s saw interaction %(id)s"),
    ("see", "raw_events"): _("%(who)s saw the raw data of interaction %(id)s"),
    ("see", "job"): _("%(who)s looked at whom a job is about"),
    ("see", "hold"): _("%(who)s looked at what a hold covers"),
    ("see", "restrictions"): _("%(who)s looked at whose processing is restricted"),
    ("see", "requests"): _("%(who)s looked at who asked for something"),
    ("see", "raw_data"): _("%(who)s looked through raw data"),
    ("export", "raw_data"): _("%(who)s exported raw data"),
    ("export", "survey"): _("%(who)s exported surveys"),
    ("see", "chat_log"): _("%(who)s saw the chat log of interaction %(id)s"),
    ("see", "transcript"): _("%(who)s saw transcript %(n)s of interaction %(id)s"),
    ("download", "recording"): _(
        "%(who)s downloaded recording %(n)s of interaction %(id)s"
    ),
    ("download", "prepared_file"): _("%(who)s fetched a prepared file"),
    ("download", "chat_log"): _(
        "%(who)s downloaded the chat log of interaction %(id)s"
    ),
    ("download", "transcript"): _(
        "%(who)s downloaded transcript %(n)s of interaction %(id)s"
    ),
    ("send", ""): _("%(who)s could not send a copy of the chat of interaction %(id)s"),
    ("send", "chat_log"): _(
        "%(who)s sent a copy of the chat log of interaction %(id)s by e-mail"
    ),
    ("share", ""): _("%(who)s could not send a secure link to interaction %(id)s"),
    ("share", "recording"): _(
        "%(who)s sent a secure link to recording %(n)s of interaction %(id)s"
    ),
    ("share", "chat_log"): _(
        "%(who)s sent a secure link to the chat log of interaction %(id)s"
    ),
    ("share", "transcript"): _(
        "%(who)s sent a secure link to transcript %(n)s of interaction %(id)s"
    ),
    ("unshare", ""): _("%(who)s ended a secure link to interaction %(id)s"),
    ("code", "sent"): _("%(who)s asked for the code of a secure link"),
    ("code", "entered"): _(
        "%(who)s entered the code of a secure link and accepted the terms"
    ),
    ("code", "failed"): _("%(who)s entered a wrong code for a secure link"),
    ("see", "links"): _("%(who)s saw which secure links were sent"),
    ("delete", "recording"): _("%(who)s deleted recording %(n)s of interaction %(id)s"),
    ("delete", "chat_log"): _("%(who)s deleted the chat log of interaction %(id)s"),
    ("delete", "transcript"): _(
        "%(who)s deleted transcript %(n)s of interaction %(id)s"
    ),
    ("search", ""): _("%(who)s searched the archive"),
    ("export", ""): _("%(who)s exported general information"),
    ("export", "audit_log"): _("%(who)s took the audit log out as a file"),
    ("forget", ""): _("%(who)s forgot a person"),
    ("forget", "interaction"): _("%(who)s cut the person from interaction %(id)s"),
    ("forget", "receipt"): _("%(who)s: a person is forgotten, with a receipt"),
    ("delete", "receipt"): _("%(who)s deleted content of many, with a receipt"),
    ("forget", "standing"): _("%(who)s let nothing be kept of who gets in touch again"),
    ("forget", "standing_ended"): _("%(who)s ended a standing entry"),
    ("correct", ""): _("%(who)s put right whom interaction %(id)s is with"),
    ("correct", "phone"): _("%(who)s corrected the number of interaction %(id)s"),
    ("correct", "email"): _("%(who)s corrected the address of interaction %(id)s"),
    ("correct", "name"): _("%(who)s corrected the name of interaction %(id)s"),
    ("correct", "handle"): _("%(who)s corrected the handle of interaction %(id)s"),
    ("hold", ""): _("%(who)s placed or lifted a hold"),
    ("hold", "placed"): _("%(who)s placed a hold"),
    ("hold", "release_asked"): _("%(who)s asked for a hold to be released"),
    ("hold", "released"): _("%(who)s released a hold"),
    ("hold", "restricted"): _("%(who)s restricted somebody's processing"),
    ("hold", "restriction_ended"): _("%(who)s ended a restriction of processing"),
    ("hold", "covered"): _("%(who)s put interaction %(id)s on hold"),
    ("hold", "lifted"): _("%(who)s took a hold off interaction %(id)s"),
    ("request", ""): _("%(who)s changed a request"),
    ("request", "registered"): _("%(who)s registered a request"),
    ("request", "extended"): _("%(who)s took more time for a request"),
    ("request", "checked"): _("%(who)s noted how an identity was checked"),
    ("request", "decided"): _("%(who)s decided a request"),
    ("request", "answered"): _("%(who)s answered a request"),
    ("purge", ""): _("%(who)s ran the nightly run"),
    ("refuse", ""): _("%(who)s sent in what a rule forbids"),
    ("refuse", "recording"): _(
        "%(who)s: recording %(n)s of interaction %(id)s was refused by a rule"
    ),
    ("refuse", "chat_log"): _(
        "%(who)s: the chat log of interaction %(id)s was refused by a rule"
    ),
    ("refuse", "transcript"): _(
        "%(who)s: transcript %(n)s of interaction %(id)s was refused by a rule"
    ),
    ("keep", "recording"): _(
        "%(who)s: recording %(n)s of interaction %(id)s is kept, now that it may be"
    ),
    ("keep", "chat_log"): _(
        "%(who)s: the chat log of interaction %(id)s is kept, now that it may be"
    ),
    ("keep", "transcript"): _(
        "%(who)s: transcript %(n)s of interaction %(id)s is kept, now that it may be"
    ),
    ("withhold", "recording"): _(
        "%(who)s: recording %(n)s of interaction %(id)s waits for its decision"
    ),
    ("withhold", "chat_log"): _(
        "%(who)s: the chat log of interaction %(id)s waits for its decision"
    ),
    ("withhold", "transcript"): _(
        "%(who)s: transcript %(n)s of interaction %(id)s waits for its decision"
    ),
    ("deny", ""): _("%(who)s lacked the right to what was asked for"),
    ("deny", "restricted"): _(
        "%(who)s was refused restricted content of interaction %(id)s"
    ),
    ("receive", ""): _("%(who)s sent in interaction %(id)s"),
    ("receive", "recording"): _(
        "%(who)s sent in recording %(n)s of interaction %(id)s"
    ),
    ("receive", "chat_log"): _("%(who)s sent in the chat log of interaction %(id)s"),
    ("receive", "transcript"): _(
        "%(who)s sent in transcript %(n)s of interaction %(id)s"
    ),
    ("receive", "survey"): _("%(who)s sent in the survey of interaction %(id)s"),
    ("receive", "events"): _("%(who)s sent in raw data"),
    ("setting", ""): _("%(who)s changed a setting"),
    ("setting", "content_kept"): _("%(who)s changed which content is kept"),
    ("setting", "file_names"): _("%(who)s changed how files are named"),
    ("setting", "storage_times"): _("%(who)s changed the storage times"),
    ("setting", "holds"): _("%(who)s changed how holds are released"),
    ("see", "user"): _("%(who)s looked at a user and their rights"),
    ("setting", "user"): _("%(who)s added or changed a user"),
    ("setting", "user_group"): _("%(who)s added, changed or removed a user group"),
    ("setting", "rights_of_all"): _("%(who)s changed which rights all users inherit"),
    ("setting", "former_users"): _(
        "%(who)s changed how long users who left are known by name"
    ),
    ("setting", "former_user"): _("%(who)s gave one who left a pseudonym"),
    ("export", "staff_package"): _("%(who)s took out what is held about a user"),
    ("setting", "token"): _("%(who)s made an API token"),
    ("setting", "token_rotated"): _("%(who)s gave an API token a new secret"),
    ("setting", "token_revoked"): _("%(who)s revoked an API token"),
    ("setting", "token_life"): _("%(who)s changed how long API tokens may live"),
    ("setting", "masking"): _("%(who)s changed what is masked"),
    ("setting", "recording_policy"): _("%(who)s changed the recording rules"),
    ("setting", "completeness"): _("%(who)s changed the setting of completeness"),
    ("setting", "reasons"): _("%(who)s changed which acts need a reason"),
    ("setting", "queues"): _("%(who)s confirmed queues"),
    ("setting", "registration_topics"): _("%(who)s changed the topics to register"),
    ("setting", "sign_in"): _("%(who)s changed how one signs in"),
    ("setting", "password"): _("%(who)s changed a password"),
    ("setting", "authenticator"): _("%(who)s set up an authenticator"),
    ("setting", "authenticator_removed"): _("%(who)s removed an authenticator"),
    ("setting", "recovery_code"): _("%(who)s used a recovery code"),
    ("setting", "recovery_codes"): _("%(who)s made new recovery codes"),
    ("setting", "passkey"): _("%(who)s added a passkey"),
    ("setting", "passkey_removed"): _("%(who)s removed a passkey"),
    ("setting", "last_who_sees_to_users"): _(
        "%(who)s let the last one who sees to users keep their group, whatever the"
        " provider said"
    ),
    ("setting", "provider_identity"): _("%(who)s linked a user to the provider"),
    ("setting", "second_factor_reset"): _("%(who)s reset a user's second factor"),
    ("setting", "sign_ins_ended"): _("%(who)s ended sign-ins"),
    ("setting", "unlocked"): _("%(who)s forgot a user's failed tries"),
    ("log", "support"): _("%(who)s looked at what support did"),
    ("log", "access"): _("%(who)s read the access log"),
    ("sign_in", "failed"): _("%(who)s tried to sign in and failed"),
    ("support", "granted"): _("%(who)s granted support access"),
    ("support", "changed"): _("%(who)s changed support access"),
    ("support", "ended"): _("%(who)s ended support access"),
    ("support", "entered"): _("%(who)s entered by support access"),
    ("sign_in", ""): _("%(who)s signed in"),
    ("sign_out", ""): _("%(who)s signed out"),
    ("log", ""): _("%(who)s read the audit log"),
    ("operate", ""): _("%(who)s ran a command on the organisation's data"),
}


def sentence(
    action: str, *, who: str, content: str = "", n: int = 1, interaction: str = ""
) -> str:
    """An audit entry in words, without its time and reason."""
    template = SENTENCES.get((action, content)) or SENTENCES.get((action, ""))
    if template is None:
        return f"{who}: {word(ACTIONS, action)}"
    return str(template) % {"who": who, "n": n, "id": interaction}


def who(name: str, *, actor_type: str) -> str:
    """The actor, with the kind of actor before the name."""
    if actor_type == "support":
        return f"{word(ACTORS, actor_type)}: {name}"
    return f"{word(ACTORS, actor_type)} {name}"
