"""Chat logs and transcripts as files: XML by a schema of our own, and plain text.

The schema is ``docs/chat-log.xsd``. Speakers stand by role, with the names that are
still held. Characters that XML cannot hold become U+FFFD.
"""

from xml.etree import ElementTree as Xml

from valv.archive.spoken import ShownChatLog, ShownTranscript
from valv.core.interaction import Sender
from valv.sharing.xml_text import fit

NAMESPACE = "urn:valv:chat-log:1"
XML = "application/xml"
TEXT = "text/plain"


def chat_log_xml(log: ShownChatLog) -> bytes:
    root = _root("chat-log", log.interaction_id, log.session_id)
    for one in log.messages:
        told = {"at": one.at, **_speaker(one.sender, one.name)}
        Xml.SubElement(root, "message", told).text = fit(one.text)
    return _written(root)


def transcript_xml(transcript: ShownTranscript) -> bytes:
    root = _root("transcript", transcript.interaction_id, transcript.session_id)
    root.set("recording", str(transcript.n))
    if transcript.vendor:
        root.set("vendor", fit(transcript.vendor))
    for one in transcript.utterances:
        told = _speaker(one.sender, one.name)
        if one.seconds is not None:
            told = {"seconds": f"{one.seconds:.3f}", **told}
        Xml.SubElement(root, "utterance", told).text = fit(one.text)
    return _written(root)


def chat_log_text(log: ShownChatLog) -> str:
    """One paragraph for each message: time in UTC, speaker, what was written."""
    lines = (
        f"{one.at} {_called(one.sender, one.name)}: {one.text}\n"
        for one in log.messages
    )
    return "".join(lines)


def transcript_text(transcript: ShownTranscript) -> str:
    """One paragraph for each utterance: minutes and seconds in, speaker, words."""
    lines = (
        f"{_clock(one.seconds)}{_called(one.sender, one.name)}: {one.text}\n"
        for one in transcript.utterances
    )
    return "".join(lines)


def _root(name: str, interaction_id: str, session_id: str) -> Xml.Element:
    told = {"interaction": interaction_id, "session": fit(session_id)}
    return Xml.Element(name, {"xmlns": NAMESPACE, **told})


def _speaker(sender: Sender, name: str | None) -> dict[str, str]:
    return {"from": sender.value, **({"name": fit(name)} if name else {})}


def _written(root: Xml.Element) -> bytes:
    written: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _called(sender: Sender, name: str | None) -> str:
    return f"{name} ({sender.value})" if name else sender.value


def _clock(seconds: float | None) -> str:
    if seconds is None:
        return ""
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes:02d}:{rest:02d} "
