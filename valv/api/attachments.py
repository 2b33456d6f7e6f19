"""Files sent along with a vCon, as multipart/form-data.

Django's parser with an upload handler of ours: what it finds goes into sealed spools,
never to disk in the clear. Files live until the block is left.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from django.core.exceptions import RequestDataTooBig, TooManyFilesSent
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest
from django.http.multipartparser import MultiPartParser, MultiPartParserError

from valv.api import bodies
from valv.core.errors import BadRequest, TooLarge
from valv.storage import spools
from valv.storage.spool import SealedSpool

MULTIPART = "multipart/form-data"
LARGEST_VCON = 64 * 1024 * 1024


@dataclass(slots=True)
class Attached:
    """The vCon, and the files beside it by name."""

    vcon: bytes = b""
    files: dict[str, SealedSpool] = field(default_factory=dict)

    def beside(self, name: str) -> Iterator[bytes] | None:
        found = self.files.get(name)
        return None if found is None else found.chunks()


@contextmanager
def attached(request: HttpRequest) -> Iterator[Attached]:
    """Read the whole body. Raises BadRequest and TooLarge.

    The vCon is the field or file ``vcon``; every other file is named by its file name.
    """
    with ExitStack() as open_files:
        found = Attached()
        handler = _Spools(found, open_files)
        handler.request = request
        fields = _parsed(request, handler)
        if not found.vcon:
            found.vcon = (fields.get("vcon") or "").encode()
        if not found.vcon:
            raise BadRequest("There is no part named vcon.", field="vcon")
        yield found


def _parsed(request: HttpRequest, handler: FileUploadHandler) -> Any:
    body = bodies.Reader(request, limit=spools.LARGEST)
    # Of a body in chunks the length is not known; the reader knows its end.
    length = bodies.length_of(request)
    told = spools.LARGEST if length is None else length
    meta = {**request.META, "CONTENT_LENGTH": str(told)}
    try:
        fields, _ = MultiPartParser(meta, cast("Any", body), [handler], "utf-8").parse()
    except (MultiPartParserError, TooManyFilesSent, OSError):
        raise BadRequest("The multipart body cannot be read.") from None
    except RequestDataTooBig:
        raise TooLarge("Send a large vCon as a file named vcon.") from None
    return fields


class _Spools(FileUploadHandler):
    """Takes each file as it streams by."""

    chunk_size = 256 * 1024

    def __init__(self, found: Attached, open_files: ExitStack) -> None:
        super().__init__()
        self._found = found
        self._open_files = open_files
        self._file: SealedSpool | None = None

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        is_vcon = self.field_name == "vcon"
        limit = LARGEST_VCON if is_vcon else spools.LARGEST
        spool = spools.new(digest=spools.Digests(), limit=limit)
        self._file = self._open_files.enter_context(spool)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._file is not None:
            self._file.write(raw_data)

    def file_complete(self, file_size: int) -> "UploadedFile[bytes] | None":
        if self._file is None:
            return None
        self._file.finish()
        if self.field_name == "vcon":
            self._found.vcon = b"".join(self._file.chunks())
        else:
            self._found.files[self.file_name or self.field_name or ""] = self._file
        self._file = None
        return UploadedFile(name="taken", size=file_size)
