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
        command = [sys.executable, "-m", "bench.search", "--database", database]
        failed |= subprocess.run([*command, *sys.argv[1:]], check=False).returncode
    return failed


if __name__ == "__main__":
    sys.exit(main())
