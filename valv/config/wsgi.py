"""The WSGI application that granian serves."""

import os
from multiprocessing import parent_process

from django.core.wsgi import get_wsgi_application

from valv.config.memory import forbid_core_dumps
from valv.jobs.parent import end_with

forbid_core_dumps()  # a server's workers are processes of their own
if server := parent_process():
    end_with(server.pid or 0)
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
application = get_wsgi_application()

from valv.archive import watch  # noqa: E402 - Django must be set up first
from valv.audit import searches  # noqa: E402
from valv.storage import masters  # noqa: E402

masters.start()
searches.start()
watch.start()
