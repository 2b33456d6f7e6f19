"""The command line: ``valv COMMAND``.

Each command is a module with three names: ``HELP`` (a sentence), ``arguments(parser)``
and ``run(asked) -> int``. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 refused by a
rule; failed wins over refused. With ``--json`` stdout holds nothing but JSON.
"""

import argparse
import logging
import sys
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

import msgspec
from django.db import DatabaseError, connections

from valv.audit import verify
from valv.core.errors import Conflict, Malformed, Refused, ValvError
from valv.core.people import Actor, ActorType
from valv.storage import intents
from valv.tenants.queries import log_keepers

log = logging.getLogger("valv.command")

OK, FAILED, USAGE, REFUSED = 0, 1, 2, 3
NO_TEXT = "What was given is not UTF-8."
INTERRUPTED = "Interrupted; what was begun can be run again."
LAYS_GROUND = frozenset({"init", "demo", "upgrade", "restore"})
COMMANDS = {
    "init": "init",
    "upgrade": "upgrade",
    "serve": "serve",
    "token": "token",
    "user": "user",
    "group": "group",
    "tenant": "tenant",
    "support": "support",
    "keys": "keys",
    "doctor": "doctor",
    "import": "import_",
    "search": "search",
    "show": "show",
    "export": "export",
    "forget": "forget",
    "subject-access": "subject_access",
    "backup": "backup",
    "restore": "restore",
    "hold": "hold",
    "request": "request",
    "audit": "audit",
    "nightly": "nightly",
    "retention": "retention",
    "deletion-report": "deletion_report",
    "work": "work",
    "demo": "demo",
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What was typed, who is taken to have typed it, and when."""

    args: argparse.Namespace
    actor: Actor
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def __getattr__(self, name: str) -> Any:
        return getattr(self.args, name)

    def answer(self, value: object, plain: str | None = None) -> None:
        """Print ``value`` as JSON when asked for, else the sentence ``plain``."""
        if self.args.json:
            sys.stdout.buffer.write(msgspec.json.encode(value) + b"\n")
            sys.stdout.flush()
        elif plain is not None:
            print(plain)


def main(argv: Sequence[str] | None, *, user: str) -> int:
    """Run one command for the system's user ``user``; answers the exit code."""
    words = sys.argv[1:] if argv is None else argv
    if not _are_text(words):
        return _failed(NO_TEXT, code=USAGE)
    asked = Asked(_parser(words).parse_args(words), Actor(ActorType.OPERATOR, user))
    run: Callable[[Asked], int] = asked.args.run
    try:
        if asked.args.command not in LAYS_GROUND:
            begin()
        return run(asked)
    except ValvError as error:
        return _failed(_sentence(error), code=exit_code(error))
    except (DatabaseError, OSError) as error:
        return _failed(f"A store failed ({type(error).__name__}); try again.")
    except KeyboardInterrupt:
        return _failed(INTERRUPTED)
    except Exception as fault:  # noqa: BLE001 - the one place that tells of faults
        return _failed(f"A fault: {type(fault).__name__} at {_place_of(fault)}.")
    finally:
        settle()


def _are_text(words: Sequence[str]) -> bool:
    """Whether they can be written; bytes that are no UTF-8 cannot (PEP 383)."""
    try:
        "".join(words).encode()
    except UnicodeEncodeError:
        return False
    return True


def _failed(sentence: str, *, code: int = FAILED) -> int:
    print(f"valv: {sentence}", file=sys.stderr)
    return code


def _sentence(error: ValvError) -> str:
    """What is wrong, and with which option or field."""
    field = getattr(error, "field", None)
    return f"{field}: {error.detail}" if field else error.detail


def _place_of(fault: Exception) -> str:
    """Where it happened; what an exception quotes may be anybody's data."""
    *_, last = traceback.extract_tb(fault.__traceback__)
    return f"{last.filename}:{last.lineno}"


def refuse_nowhere(file: Path) -> None:
    """Raises Malformed if the folder in which a file is to be written is not there."""
    if not file.parent.is_dir():
        raise Malformed("There is no such folder.", field="file")


def typed_password() -> str:
    """The line on standard input. Raises Malformed if it is no text."""
    try:
        return sys.stdin.readline().rstrip("\n")
    except UnicodeDecodeError:
        raise Malformed(NO_TEXT, field="--password-stdin") from None


def begin() -> None:
    """Finish what an earlier process decided and did not carry out."""
    for tenant in log_keepers():
        try:
            intents.resume(tenant.id)
        except ValvError as error:
            log.warning("what was begun waits: %s", type(error).__name__)
    connections.close_all()  # a server's workers must not inherit them


def settle() -> None:
    """Give the entries of this command their numbers in the log before it ends."""
    try:
        for tenant in log_keepers():
            verify.settle(tenant.id)
    except (ValvError, DatabaseError):
        log.debug("the worker will number what this command entered")


def exit_code(error: ValvError) -> int:
    if isinstance(error, Refused | Conflict):
        return REFUSED
    return USAGE if isinstance(error, Malformed) else FAILED


class _Parser(argparse.ArgumentParser):
    """Says in one line what is wrong with what was typed."""

    def error(self, message: str) -> NoReturn:
        self.exit(USAGE, f"{self.prog}: {message} (see {self.prog} --help)\n")


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    parser = _Parser(
        prog="valv", description="A contact-centre archive that can prove it forgot."
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for name, module in _wanted(words).items():
        command = import_module(f"valv.jobs.commands.{module}")
        one = commands.add_parser(name, help=command.HELP, description=command.HELP)
        one.add_argument("--json", action="store_true", help="answer in JSON only")
        one.add_argument("--tenant", help="which tenant; may be left out if only one")
        command.arguments(one)
        one.set_defaults(run=command.run, command=name)
    return parser


def _wanted(words: Sequence[str]) -> dict[str, str]:
    """Only the command that is asked for is loaded; all of them to list them."""
    name = words[0] if words else ""
    return {name: COMMANDS[name]} if name in COMMANDS else COMMANDS
