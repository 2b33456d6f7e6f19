"""What is in memory stays there: keys and speech in the clear are never dumped.

Asked for first in each process that Valv starts. A limit alone does not do it: where
the system pipes dumps to a program it is passed over, and its owner may raise it. A
process that says it is not dumpable is not dumped at all, nor read by a debugger of its
own user. The limit is inherited by what Valv starts; the word is not, and is said anew.
"""

import ctypes
import resource
import sys

from valv.core.errors import Misconfigured

PR_SET_DUMPABLE = 4


def forbid_core_dumps() -> None:
    """No core dump of this process. Raises Misconfigured where that is not granted."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform != "linux":
        return
    if ctypes.CDLL(None).prctl(PR_SET_DUMPABLE, 0, 0, 0, 0):
        raise Misconfigured(
            "The system does not let Valv forbid core dumps, which would hold keys. "
            "Allow the system call prctl."
        )
