"""Made-up settings."""

from datetime import timedelta

from tests.browser.example_hits import NOW
from valv.core.file_names import USUAL
from valv.core.permissions import Scope
from valv.core.secret_numbers import Secret
from valv.portal.contexts.frame import CorrectionPage, ReasonPage
from valv.portal.contexts.masking import MaskingPage, Piece, TypedPattern
from valv.portal.contexts.reports import (
    ChangeLogPage,
    ChangeRow,
    FileNamesPage,
    ReasonsPage,
    ValueChange,
)
from valv.portal.contexts.staff import FormerUser, StaffPage
from valv.portal.contexts.tokens import TokenRow, TokensPage
from valv.portal.contexts.topics import TopicsPage, TypedCategory
from valv.portal.words import FILE_NAME_FIELDS


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


def tokens(*, secret: str = "", fault: str = "") -> TokensPage:
    year = timedelta(days=365)
    return TokensPage(
        valid=(
            TokenRow(
                "3",
                "Växeln",
                ("intake",),
                "valid",
                NOW - timedelta(days=40),
                NOW + year,
                NOW - timedelta(minutes=2),
                previous_until=NOW + timedelta(hours=20),
            ),
            TokenRow(
                "2", "Rapporter", ("read", "content"), "ends_soon",
                NOW - year, NOW + timedelta(days=12), NOW - timedelta(days=1),
            ),
            TokenRow(
                "1", "Provkörning", ("admin",), "valid", NOW - year, None, None,
                may_rotate=False,
            ),
        ),
        ended=(
            TokenRow(
                "0", "Gamla växeln", ("intake", "read"), "revoked",
                NOW - 2 * year, NOW - year, NOW - year,
            ),
        ),
        may_give=tuple(scope.value for scope in Scope),
        secret=secret,
        secret_of="Växeln" if secret else "",
        typed={"days": "365"},
        chosen=("read",),
        faults={"scope": fault, "name": fault, "expires": fault} if fault else {},
    )  # fmt: skip


def file_names(fault: str = "") -> FileNamesPage:
    return FileNamesPage(
        pattern="{session" if fault else USUAL,
        example="2026-11-23_140500_S-1042_1.mp3",
        fields=tuple((f"{{{name}}}", str(told)) for name, told in FILE_NAME_FIELDS),
        fault=fault,
    )


def correction(fault: str = "") -> CorrectionPage:
    return CorrectionPage(
        action="/interactions/1/correct",
        back="/interactions/1",
        known=(
            ("phone", "070-174 06 05"),
            ("email", ""),
            ("name", "Anna Ek"),
            ("handle", ""),
        ),
        kind="phone",
        value="070-174 06 06",
        faults={"kind": fault, "value": fault, "reason": fault} if fault else {},
    )


def reasons() -> ReasonsPage:
    return ReasonsPage(
        required=("play", "delete"),
        proposed="Klagomål\nKvalitetsuppföljning\nBegäran från kunden",
    )


def asked_why() -> ReasonPage:
    return ReasonPage(
        action="/interactions/1/recordings/1/play",
        back="/search",
        proposed=("Klagomål", "Kvalitetsuppföljning"),
    )


def change_log() -> ChangeLogPage:
    days = ValueChange("Inspelningar", "14", "30"), ValueChange("Chattloggar", "", "30")
    rights = (ValueChange("Rättigheter", "see", "see, play, download"),)
    return ChangeLogPage(
        rows=(
            ChangeRow(
                NOW, "Användare Alma Berg", "Lagringstider", "", days, "Beslut 12"
            ),
            ChangeRow(NOW, "Operatör root", "Användare", "Bo Ek", rights),
        ),
        values={"from": "2026-11-01"},
        chosen=("user", "storage_times"),
        next="1795957500000.4184",
    )


def staff() -> StaffPage:
    return StaffPage(
        present=(("2", "Bo Ek"), ("3", "Cleo Lind")),
        former=(
            FormerUser("4", "Dag Ås", NOW, known=True),
            FormerUser("5", "Tidigare användare 1", NOW - timedelta(400), known=False),
        ),
        days="180",
    )
