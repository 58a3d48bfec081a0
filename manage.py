#!/usr/bin/env python
"""Django's command line. Through `./dev manage …` the servers are up; alone: DATABASE_URL."""

import os
import sys

from django.core.management import execute_from_command_line

# These act for the owner of the tables or touch no row; all others act for the system.
AS_OWNER = frozenset({"check", "makemigrations", "migrate", "protect", "sqlmigrate"})

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ifso.settings")
    if AS_OWNER.intersection(sys.argv[1:2]):
        execute_from_command_line(sys.argv)
    else:
        from accounts.scope import as_the_system

        with as_the_system():
            execute_from_command_line(sys.argv)
