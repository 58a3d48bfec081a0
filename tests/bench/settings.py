"""The project's settings, with the host name that Django's client uses."""

from ifso.settings import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost"]
