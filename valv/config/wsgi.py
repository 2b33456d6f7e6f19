"""The WSGI application that granian serves."""

import gc
import os
import sys
from multiprocessing import parent_process

from django.core.wsgi import get_wsgi_application

from valv.config.memory import forbid_core_dumps
from valv.jobs.parent import end_with

gc.disable()
forbid_core_dumps()  # a server's workers are processes of their own
if server := parent_process():
    end_with(server.pid or 0)
# At each statement, who asks whether a call may be recorded waits a turn for whoever is
# taking in events: a fifth of a millisecond, and not the five that are Python's own.
sys.setswitchinterval(0.0002)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
application = get_wsgi_application()

import valv.api.urls  # noqa: E402 - Django must be set up first
import valv.config.urls  # noqa: E402, F401 - else the first who ask wait for them
from valv.archive import watch  # noqa: E402
from valv.audit import searches  # noqa: E402
from valv.core import shapes  # noqa: E402
from valv.storage import masters  # noqa: E402

shapes.look_through()
masters.start()
searches.start()
watch.start()

# What is imported stays: looking through it for garbage would hold up answers.
gc.collect()
gc.freeze()
gc.enable()
