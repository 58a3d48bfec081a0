"""The project's settings with what tests need: a cheap password hash and no static manifest."""

import json
import os

# One of several processes that run the suite side by side: by the servers that are its own.
if beside := os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw"):
    os.environ |= json.loads(os.environ["SERVERS_BESIDE"])[int(beside)]

from ifso.settings import *  # noqa: F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
SECRET_KEY = "only-for-tests"
ALLOWED_HOSTS = ["*"]
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SECOND_FACTOR_COMPULSORY = False  # tests/accounts puts it on
FACTOR_KEYS = ["b25seS1mb3ItdGVzdHMtMzItYnl0ZXMtbG9uZy1rZXk="]
