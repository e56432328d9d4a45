"""How psycopg reaches the same database as Django, also under tests."""

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo


def current() -> str:
    """The libpq connection string of Django's default database as it is named now."""
    return make_conninfo(settings.DATABASE_DSN, dbname=str(connection.settings_dict["NAME"]))
