"""The words for what was agreed to, what a rule says, and how recordings are ruled."""

from collections.abc import Mapping

from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

# By what the consent is for, and whether it was given; purposes come from the source.
CONSENTS: Mapping[tuple[str, bool], object] = {
    ("recording", True): _("Recording accepted"),
    ("recording", False): _("Recording refused"),
    ("storage", True): _("Storage accepted"),
    ("storage", False): _("Storage refused"),
}
PURPOSES: Mapping[str, object] = {
    "recording": _("Recording"),
    "storage": pgettext_lazy("purpose", "Storage"),
    "quality": pgettext_lazy("purpose", "Quality"),
    "training": pgettext_lazy("purpose", "Training"),
    "other": pgettext_lazy("purpose", "Another purpose"),
}
USES: Mapping[str, object] = {
    "recording": _("What the customer got in touch about"),
    "quality": pgettext_lazy("purpose", "Quality"),
    "training": pgettext_lazy("purpose", "Training"),
    "legal": _("A legal duty or claim"),
    "other": pgettext_lazy("purpose", "Another purpose"),
}
# Why one is refused, or a recording was kept, waits or was not: the rule that says so.
RULES: Mapping[str, object] = {
    "deny_recording": _("The caller refused to be recorded."),
    "forced": _("A rule forces the recording."),
    "consent": _("The consent that is needed has not been given."),
    "saved": _("The agent saved the recording."),
    "not_saved": _("The agent has not saved the recording."),
    "manual": _("An agent who may started the recording."),
    "not_accepted": _("The caller is not said to have accepted the recording."),
    "not_started": _("No agent who may has started a recording."),
    "consulted": _("An agent who is only consulted is not recorded."),
    "initiator": _("No rule forces the agent who called to be recorded."),
    "no_rule": _("No rule says to record this."),
    "not_refused": _("The visitor did not refuse that the chat is stored."),
    "not_ended": _("The chat has not ended."),
    "standing_entry": _("Nothing is to be kept of the person who got in touch again."),
    "storage_refused": _("The visitor refused that the chat is stored."),
    "storage_time": _("The storage time of this content is 0 days."),
    "recording_gone": _("Its recording is gone."),
    "anonymised": _("The person was anonymised before it came."),
    "email_body": _("The body of an e-mail or e-task is never stored."),
    "social_content": _("Content of social media is not stored."),
    "media": _("This medium has no such content."),
    "purpose_required": _("This is restricted. State what it is opened for."),
    "purpose_refused": _("The customer did not agree to its use for this purpose."),
    "restricted": _("This is restricted, and your rights do not reach to it."),
    "hold": _("A hold covers this."),
}
# What an agent told of the caller.
SAID: Mapping[str, object] = {
    "yes": pgettext_lazy("said", "yes"),
    "no": pgettext_lazy("said", "no"),
    "unknown": pgettext_lazy("said", "not known"),
}
ANSWERS: Mapping[str, object] = {
    "yes": pgettext_lazy("consent", "Accepted"),
    "no": pgettext_lazy("consent", "Refused"),
    "none": pgettext_lazy("consent", "No answer"),
}
HOWS: Mapping[str, object] = {
    "key": _("Key pressed"),
    "spoken": _("Spoken"),
    "web": _("On the web"),
    "written": _("In writing"),
    "agent": _("Told by the agent"),
    "none": "",
    "unknown": "",
}
MODES: Mapping[str, object] = {
    "forced": _("Forced recording"),
    "pending": _("Pending recording"),
    "manual": _("Manual recording"),
    "none": _("No recording"),
}
# What a rule is laid on, and the settings beside the rules.
POLICY: Mapping[str, object] = {
    "queue": _("Queue"),
    "agent": _("Agent"),
    "group": _("User group"),
    "agents": _("Agents in the user group"),
    "consent_needed": _("Forced recording needs consent"),
    "acceptance_needed": _("Manual recording needs that the caller accepts"),
    "refuse_unruled": _("Refuse what no rule allows"),
    "question": _("Question of consent"),
    "question_version": _("Version of the question"),
}


def consent(purpose: str, *, given: bool) -> str:
    """What was answered to a question of consent."""
    known = CONSENTS.get((purpose, given))
    if known is not None:
        return str(known)
    answer = gettext("accepted") if given else gettext("refused")
    return f"{purpose}: {answer}"
