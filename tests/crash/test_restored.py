"""The drill: an old copy that is put back does not know who was forgotten since."""

import json
import shutil
from pathlib import Path
from typing import Any

from tests.crash.installed import VALV, Installed, databases_of, install, write_vcons
from tests.environment import DATABASE

GONE, KEPT = "+46701230000", "+46701230001"


def asks(made: Installed, *words: str) -> Any:
    return json.loads(made.run(*words, "--json"))


def refusal(made: Installed, *words: str) -> str:
    process = made.start([*VALV, *words])
    _, err = process.communicate(b"")
    assert process.returncode
    return err.decode()


def test_an_old_copy_does_not_know_the_forgotten(tmp_path: Path) -> None:
    settings, server = databases_of(DATABASE)
    made = install(tmp_path / "data", **settings)
    made.run("import", str(write_vcons(tmp_path / "vcons", count=2)))
    copies = tmp_path / "copies"
    old = asks(made, "backup", str(copies))["data"]
    asks(made, "forget", "--phone", GONE, "--delete-content", "--yes")
    made.run("backup", str(copies))

    if server is not None:
        settings = {
            "VALV_DATABASE_URL": server.make_database("data2"),
            "VALV_KEYS_URL": server.make_database("keys2"),
        }
    back = Installed(tmp_path / "back", settings)
    back.data.mkdir()
    shutil.copy(made.data / "master.key", back.data)
    said = asks(back, "restore", str(copies), "--data", old)

    assert said["blanked"]["acme"]["identifiers"] == 1
    assert said["blanked"]["acme"]["contents"] == 1
    items = asks(back, "search")["items"]
    assert {one["identifiers"]["phone"] for one in items} == {None, KEPT}
    states = {one["contents"][0]["state"] for one in items if one["anonymised_at"]}
    assert (len(items), states) == (2, {"deleted"})
    (back.data / "restoring").touch()
    assert "Run the same `valv restore` again" in refusal(back, "doctor")
