"""The web application for gunicorn."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ifso.settings")

application = get_wsgi_application()

from ifso.starting import refuse_weak_settings  # noqa: E402 - settings must be there
from tiplines.sealing import check_keys  # noqa: E402 - settings must be there

refuse_weak_settings()
check_keys()
