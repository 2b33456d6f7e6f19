"""Made-up recording rules."""

from tests.browser.example_hits import NOW
from valv.portal.contexts.recording import (
    PolicyChange,
    RecordingRulesPage,
    RulesTold,
    Told,
    TypedGroup,
    TypedPolicy,
    TypedRule,
    VersionTold,
)


def recording_rules(*, preview: bool = False, fault: str = "") -> RecordingRulesPage:
    told = RulesTold(
        modes=(
            Told("forced", (("queue", "Kundtjänst"), ("group", "Reklamation"))),
            Told("pending", (("queue", "Utgående försäljning"),)),
            Told("manual", (("agent", "a7"),)),
        ),
        groups=(("Reklamation", "a3, a4, a9"),),
        consent_needed=True,
        acceptance_needed=True,
        refuse_unruled=True,
        question="Får vi spela in samtalet? Tryck 1 för ja.",
        question_version="2",
    )
    begun = RulesTold(
        (), (), consent_needed=False, acceptance_needed=False,
        refuse_unruled=False, question="", question_version="",
    )  # fmt: skip
    first = VersionTold(1, NOW, "Alma Berg", "", begun)
    return RecordingRulesPage(
        current=VersionTold(2, NOW, "Alma Berg", "Beslut av ledningen 3 nov", told),
        older=(first,),
        typed=TypedPolicy(
            rules=(
                TypedRule("forced", "queue", "Kundtjänst"),
                TypedRule("forced", "group", "Reklamation"),
                TypedRule("pending", "queue", "Utgående försäljning"),
                TypedRule("manual", "agent", "a7"),
                TypedRule(),
            ),
            groups=(TypedGroup("Reklamation", "a3\na4\na9"), TypedGroup()),
            switches=frozenset({"consent_needed", "acceptance_needed"}),
            question=told.question,
            question_version="2",
            reason="",
            version="2",
        ),
        changes=(
            PolicyChange("Kö Kundtjänst", "Tvingande inspelning", ""),
            PolicyChange("Version av frågan", "1", "2"),
        )
        if preview
        else None,
        fault=fault,
        queues=("Kundtjänst", "Växel"),
        agents=(("a7", "Bertil"),),
    )
