"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from valv.config.memory import forbid_core_dumps

forbid_core_dumps()  # a server's workers are processes of their own
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "valv.config.settings")
application = get_wsgi_application()

from valv.archive import watch  # noqa: E402 - Django must be set up first
from valv.audit import searches  # noqa: E402

searches.start()
watch.start()
