"""The table of speed: each benchmark on both databases, beside its limit.

    python -m bench [--size N | --small]

Whatever is given is handed on to each of them.
"""

import subprocess
import sys

DATABASES = ("sqlite", "postgresql")


def main() -> int:
    failed = 0
    for database in DATABASES:
        print(f"\nSearch on {database}, against bare prepared SQL", flush=True)
        failed |= _run("search", database)
        print(f"\nThe audit log on {database}, against the same without", flush=True)
        failed |= _run("audit", database)
        print(f"\nMasking on {database}, against all of a message's intake", flush=True)
        failed |= _run("masking", database)
        print(f"\nEvents in, on {database}, against their rows alone", flush=True)
        failed |= _run("intake", database)
        print(f"\nCalls that run, on {database}, across a kill", flush=True)
        failed |= _run("live", database)
        print(f"\nForgetting on {database}, against one UPDATE by key", flush=True)
        failed |= _run("forget", database)
        print(f"\nPurging on {database}, against batches by hand", flush=True)
        failed |= _run("purge", database)
        print(f"\nSigning in on {database}, by who is known and who is not", flush=True)
        failed |= _run("sign_in", database)
    return failed


def _run(name: str, database: str) -> int:
    command = [sys.executable, "-m", f"bench.{name}", "--database", database]
    return subprocess.run([*command, *sys.argv[1:]], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
