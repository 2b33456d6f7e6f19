"""A folder to be imported, with a planted value in each field of each source."""

import csv
from pathlib import Path

from tests.laws.fields import START, Plant
from tests.laws.sending import SOUND
from tests.laws.vcons_planted import vcons
from valv.intake.mapping import FIELDS

NOT_TEXT = {
    "started_at": START, "ended_at": START, "media": "phone", "direction": "inbound",
    "wait_seconds": "5", "talk_seconds": "6", "score": "3", "restricted": "false",
    "deny_recording": "false", "recording": "sound.wav",
}  # fmt: skip
XML = """<call><session><id>{}</id><startTime>2026-11-20T09:00:00Z</startTime>
<accessNumber>{}</accessNumber></session><request><remoteAddress>{}</remoteAddress>
<queueKey>{}</queueKey><queueDescription>{}</queueDescription></request></call>"""


def lay_sources(folder: Path, plant: Plant) -> Path:
    """Lay the folder; answers where the map of its table is."""
    folder.mkdir(parents=True)
    _lay_table(folder, plant)
    _lay_delivery(folder, plant)
    _lay_monitored(folder, plant)
    for number, vcon in enumerate(vcons(lambda where: plant(f"imported {where}"))):
        name = plant(f"imported vcon {number} file name")
        (folder / f"{name}.vcon.json").write_bytes(vcon)
    (folder / f"{plant('imported junk file name')}.json").write_text(plant("junk"))
    return folder / "map.toml"


def _lay_table(folder: Path, plant: Plant) -> None:
    """A row that is right, and one for each field with a value it cannot have."""
    right = {name: _cell(name, plant) for name in FIELDS}
    wrong = [
        {**right, name: plant(f"row {name}!"), "session_id": plant(f"row {name} id")}
        for name in NOT_TEXT
    ]
    with (folder / "table.csv").open("w", newline="") as file:
        out = csv.DictWriter(file, FIELDS)
        out.writeheader()
        out.writerows([right, *wrong])
    (folder / "sound.wav").write_bytes(SOUND)
    columns = "\n".join(f'{name} = "{name}"' for name in FIELDS)
    (folder / "map.toml").write_text(f'table = "table.csv"\n[columns]\n{columns}\n')


def _cell(name: str, plant: Plant) -> str:
    if name in NOT_TEXT:
        return NOT_TEXT[name]
    return ("https://valv.example/" if name == "url" else "") + plant(f"row {name}")


def _lay_delivery(folder: Path, plant: Plant) -> None:
    session = plant("delivered session_id")
    named = ("access number", "phone", "queue key", "queue")
    told = [plant(f"delivered {name}") for name in named]
    (folder / f"{session}_1.wav").write_bytes(SOUND)
    (folder / f"{session}_1.xml").write_text(XML.format(session, *told))


def _lay_monitored(folder: Path, plant: Plant) -> None:
    to, caller = plant("monitored to"), plant("monitored from")
    name = f"in-{to}-{caller}-20240316-160920-1710600560.12.wav"
    (folder / name).write_bytes(SOUND)
