"""Made-up settings."""

from tests.browser.example_hits import NOW
from valv.core.secret_numbers import Secret
from valv.portal.contexts.masking import MaskingPage, Piece, TypedPattern
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


def masking(*, fault: str = "") -> MaskingPage:
    return MaskingPage(
        version=3,
        kinds=tuple((kind.value, kind is not Secret.IBAN) for kind in Secret),
        patterns=(
            TypedPattern("kundnummer", r"\bK-[0-9]{6}\b"),
            TypedPattern("avtal", r"\b[A-Z]{2}[0-9]{8}\b", fault),
        ),
        menus="Personnummer\nKod",
        variables="pin\npersonnummer",
        text="Kund K-123456, kort 4111 1111 1111 1111. Order 12345678.",
        tried=(
            Piece("Kund "),
            Piece("K-123456", "[kundnummer]"),
            Piece(", kort "),
            Piece("4111 1111 1111 1111", "[card]"),
            Piece(". Order 12345678."),
        ),
        kept="Kund [kundnummer], kort [card]. Order 12345678.",
        fault=fault,
        changed_at=NOW,
        changed_by="Alma Berg",
    )
