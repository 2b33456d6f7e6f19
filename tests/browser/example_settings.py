"""Made-up settings."""

from tests.browser.example_hits import NOW
from valv.portal.contexts.topics import TopicsPage, TypedCategory


def topics(*, fault: str = "") -> TopicsPage:
    return TopicsPage(
        categories=(
            TypedCategory("Leverans", "Försenad\nSkadad\nFel adress"),
            TypedCategory("Faktura", "Påminnelse\nFelaktigt belopp"),
            TypedCategory("", "Övrigt"),
        ),
        refuse_undefined=False,
        undefined=(("Leverans", "Annat"), ("", "Ringde fel")),
        changed_at=NOW,
        changed_by="Alma Berg",
        fault=fault,
    )
