"""How files are named that are taken out together."""

from msgspec import Struct

from valv.api.endpoint import Call, endpoint
from valv.core.permissions import Right
from valv.tenants.file_names import FileNames, file_names_of, set_file_names


class FileNamesStated(Struct, frozen=True, forbid_unknown_fields=True):
    """A pattern without its ending; "" is the usual one."""

    pattern: str


@endpoint("GET", "/settings/file-names", right=Right.SETTINGS, answers={200: FileNames})
def show_file_names(call: Call) -> FileNames:
    """Show by which pattern files are named that are taken out together."""
    return file_names_of(call.caller.tenant)


@endpoint(
    "PUT",
    "/settings/file-names",
    right=Right.SETTINGS,
    body=FileNamesStated,
    answers={200: FileNames},
)
def put_file_names(call: Call) -> FileNames:
    """Name files by another pattern from now on; it is entered in the log.

    It is made of `{date} {time} {session} {id} {n} {queue} {agent} {number}`, and has
    `{n}` and one of `{session}` and `{id}`; an ending such as .mp3 is added.
    """
    caller = call.caller
    pattern = call.json(FileNamesStated).pattern
    return set_file_names(caller.tenant, pattern, actor=caller.actor, now=call.now)
