"""Every byte of every file under a folder, as whoever takes the disk would see it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path


def held_under(folder: Path) -> Iterator[tuple[Path, bytes]]:
    """Each file with its bytes."""
    for path in folder.rglob("*"):
        if path.is_file():
            yield path, _read(path)


def _read(path: Path) -> bytes:
    """A database is read by another process.

    Closing its file here would drop the locks that SQLite holds on it in this process
    (POSIX, fcntl), and the next to open it may take its log for left over.
    """
    if ".sqlite3" not in path.name:
        return path.read_bytes()
    return subprocess.run(("cat", path), capture_output=True, check=True).stdout
