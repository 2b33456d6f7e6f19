"""The rules of the house that no linter knows."""

import ast
import gc
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions
from pathlib import Path

from django.apps import apps

from valv.storage.models import TenantManager
from valv.storage.router import KEY_MODELS

ROOT = Path(__file__).resolve().parent.parent
MOST_LINES_OF_A_MODULE = 400
MOST_LINES_OF_A_FUNCTION = 60
VAGUE = {"utils", "helpers", "common", "services", "managers", "misc"}
EDGES = ("config", "portal", "api", "jobs")
CLOCKS = {"datetime.now", "timezone.now", "date.today", "time.time", "datetime.utcnow"}
USED_BY_OTHERS = {"argon2-cffi", "tzdata"}  # by Django and by zoneinfo
INDEXES = ("pypi" + ".org", "pythonhosted" + ".org", "registry." + "npmjs")


def committed(pattern: str = "*") -> Iterator[Path]:
    git = ("git", "-c", "safe.directory=*", "ls-files", "-z")
    listed = subprocess.run(
        [*git, "--cached", "--others", "--exclude-standard", "--", pattern],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            yield ROOT / name


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    for name, tree in all_modules().items():
        if name.startswith(folders or ""):
            yield name, tree


@cache
def all_modules() -> dict[str, ast.Module]:
    """Parsed once for all that look through them; garbage is not looked for there."""
    gc.disable()
    parsed = {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in committed("*.py")
    }
    gc.freeze()
    gc.enable()
    return parsed


def contract() -> list[set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    layers = project["tool"]["importlinter"]["contracts"][0]["layers"]
    return [set(re.findall(r"\w+", layer)) for layer in layers]


def picture(file: str) -> list[set[str]]:
    """The rows of the picture of the rooms, top to bottom."""
    text = (ROOT / file).read_text(encoding="utf-8")
    block = next(
        b for b in text.split("```") if re.search(r"^config  ", b, re.MULTILINE)
    )
    rows = [re.split(r" {3,}", line)[0] for line in block.strip().splitlines()[1:]]
    return [set(re.findall(r"\w+", row)) for row in rows]


def test_every_module_says_what_it_is_for() -> None:
    silent = [
        name for name, tree in modules()
        if tree.body and not ast.get_docstring(tree) and "/migrations/0" not in name
    ]  # fmt: skip

    assert silent == []


def test_no_module_is_long() -> None:
    long = [
        path.name for path in committed("*.py")
        if path.parent.name != "migrations"  # Django wrote those
        and len(path.read_text(encoding="utf-8").splitlines()) > MOST_LINES_OF_A_MODULE
    ]  # fmt: skip

    assert long == []


def test_no_function_is_long() -> None:
    long = [
        f"{name}: {node.name}"
        for name, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef)
        and (node.end_lineno or 0) - node.lineno >= MOST_LINES_OF_A_FUNCTION
    ]

    assert long == []


def test_no_module_is_named_vaguely() -> None:
    assert [path for path in committed("*.py") if path.stem in VAGUE] == []


def test_only_config_reads_the_environment() -> None:
    readers = [
        name for name, tree in modules("valv/")
        if not name.startswith("valv/config/")
        for node in ast.walk(tree)
        if getattr(node, "attr", getattr(node, "name", "")) in {"environ", "getenv"}
    ]  # fmt: skip

    assert readers == []


def test_only_the_edges_read_the_clock() -> None:
    edges = tuple(f"valv/{room}/" for room in EDGES)
    readers = [
        f"{name}: {ast.unparse(node)}"
        for name, tree in modules("valv/")
        if not name.startswith(edges)
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and ast.unparse(node) in CLOCKS
    ]

    assert readers == []


def test_no_committed_file_names_a_package_index() -> None:
    naming = [
        path.name for path in committed()
        if any(index.encode() in path.read_bytes() for index in INDEXES)
    ]  # fmt: skip

    assert naming == []


def test_a_lock_holds_hashes_and_no_address() -> None:
    locks = [*committed("requirements*.txt"), *committed("package-lock.json")]

    assert len(locks) == 3
    assert [path.name for path in locks if "://" in path.read_text("utf-8")] == []


def test_the_pictures_are_the_import_contract() -> None:
    assert picture("README.md") == picture("docs/architecture.md") == contract()


def test_the_folders_are_the_rooms() -> None:
    folders = {path.parent.name for path in committed("valv/*/__init__.py")
               if path.parent.parent.name == "valv"}  # fmt: skip

    assert folders == set().union(*contract())


def test_every_room_promises_something() -> None:
    rooms = {name: ast.get_docstring(tree) or "" for name, tree in modules("valv/")
             if re.fullmatch(r"valv/\w+/__init__\.py", name)}  # fmt: skip

    assert [name for name, said in rooms.items() if len(said.split()) < 10] == []


def test_every_setting_is_documented() -> None:
    told = (ROOT / "docs/operate/settings.md").read_text(encoding="utf-8")
    read = {
        variable
        for _, tree in modules("valv/config/")
        for variable in re.findall(r"['\"](VALV_[A-Z_]+)['\"]", ast.unparse(tree))
    }

    assert sorted(name for name in read if f"| `{name}` |" not in told) == []


def test_every_tenants_table_is_behind_its_scope() -> None:
    open_tables = [
        model.__name__ for model in apps.get_models()
        if any(field.name == "tenant_id" for field in model._meta.fields)
        and model._meta.model_name not in KEY_MODELS
        and not isinstance(model._default_manager, TenantManager)
    ]  # fmt: skip

    assert open_tables == []


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = (ROOT / "requirements.txt").read_text(encoding="utf-8")
    wanted = [
        re.split(r"[^\w.-]", named)[0] for named in project["project"]["dependencies"]
    ]

    assert [name for name in wanted if f"\n{name}==" not in locked] == []


def test_every_dependency_is_used() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {
        re.split(r"[^\w.-]", named)[0].lower()
        for named in project["project"]["dependencies"]
    }
    used = " ".join(path.read_text(encoding="utf-8") for path in committed("valv/*.py"))
    words = set(re.findall(r"\w+", used))
    found = {
        distribution.lower().replace("_", "-")
        for module, distributions in packages_distributions().items()
        for distribution in distributions
        if module in words
    }

    assert wanted - found - USED_BY_OTHERS == set()
