"""Environment of a worker process on the test's own database."""

import os
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.db import connection

from ifso.embedded.stores import as_role


def worker_environment() -> dict[str, str]:
    here = urlsplit(os.environ["DATABASE_URL"])
    url = here._replace(path="/" + str(connection.settings_dict["NAME"])).geturl()
    return {
        **os.environ,
        "DATABASE_URL": as_role(url, "ifso_worker"),
        "IFSO_DATA": str(Path(settings.DATA)),
        "DJANGO_SETTINGS_MODULE": "ifso.settings",
    }
