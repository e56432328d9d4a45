"""A peer from the package index, in a virtual environment of its own: mail → ticket, the same mails, the same server."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

from bench import end_to_end
from bench.house import house
from bench.row import Options, Row
from sportello.core.database.embedded import EmbeddedPostgres

MAILS = 200
PACKAGES = ("django-helpdesk", "psycopg[binary]", "setuptools<81")

SETTINGS = """
import os
SECRET_KEY = "x"; DEBUG = False; USE_TZ = True; SITE_ID = 1; ROOT_URLCONF = "peer_urls"
DATABASES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "postgres", "USER": "sportello", "HOST": os.environ["PEER_HOST"], "PORT": "5432"}}
INSTALLED_APPS = ["django.contrib.admin", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions", "django.contrib.messages",
  "django.contrib.sites", "django.contrib.humanize", "django.contrib.staticfiles", "rest_framework", "helpdesk"]
MIDDLEWARE = ["django.contrib.sessions.middleware.SessionMiddleware", "django.contrib.auth.middleware.AuthenticationMiddleware", "django.contrib.messages.middleware.MessageMiddleware"]
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS": {"context_processors": [
  "django.template.context_processors.request", "django.contrib.auth.context_processors.auth", "django.contrib.messages.context_processors.messages"]}}]
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"; STATIC_URL = "/static/"; MEDIA_ROOT = os.environ["PEER_MEDIA"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"; HELPDESK_TEAMS_MODE_ENABLED = False; HELPDESK_ENABLE_DEPENDENCIES_ON_TICKET = True
"""

URLS = """
from django.urls import include, path
urlpatterns = [path("", include("helpdesk.urls", namespace="helpdesk"))]
"""

SCRIPT = """
import json, logging, sys, time, django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
from helpdesk import email as mail
from helpdesk.models import Queue, Ticket
queue = Queue.objects.create(title="Help", slug="help", email_address="assistenza@bottega-aurora.example", allow_email_submission=True)
take = getattr(mail, "extract_email_metadata", None) or mail.object_from_message
log = logging.getLogger("quiet"); log.setLevel(logging.CRITICAL); logging.disable(logging.CRITICAL)
mails = json.load(open(sys.argv[1]))
for one in mails[:10]: take(one, queue, log)
began = time.perf_counter()
for one in mails[10:]: take(one, queue, log)
print(json.dumps({"rate": (len(mails) - 10) / (time.perf_counter() - began), "tickets": Ticket.objects.count()}))
"""


def peers(options: Options) -> list[Row]:
    with tempfile.TemporaryDirectory(prefix="sportello-peer-") as folder:
        try:
            theirs = _helpdesk(Path(folder))
        except (subprocess.SubprocessError, OSError, ValueError) as error:
            detail = getattr(error, "stderr", "") or str(error)
            return [
                Row(
                    "peers",
                    "mail → ticket",
                    None,
                    "mails/s",
                    "django-helpdesk",
                    notes=[f"could not be measured: {str(detail).strip()[-240:]}"],
                )
            ]
    with house(demo=True) as made:
        ours = end_to_end._mails(made).figure or 0.0
    return [
        Row(
            "peers",
            "mail → ticket",
            ours,
            "mails/s",
            "django-helpdesk",
            theirs["rate"],
            ok=ours >= theirs["rate"],
            notes=[f"{theirs['tickets']} tickets of {MAILS} mails there"],
        )
    ]


def _helpdesk(folder: Path) -> dict[str, float]:
    venv.create(folder / "venv", with_pip=True)
    python = str(folder / "venv/bin/python")
    _run(
        [python, "-m", "pip", "install", "-q", "--disable-pip-version-check", *PACKAGES],
        timeout=180,
    )
    (folder / "peer_settings.py").write_text(SETTINGS)
    (folder / "peer_urls.py").write_text(URLS)
    (folder / "peer.py").write_text(SCRIPT)
    (folder / "mails.json").write_text(json.dumps([_different(n) for n in range(MAILS)]))
    with EmbeddedPostgres(folder / "var") as server:
        environ = os.environ | {
            "DJANGO_SETTINGS_MODULE": "peer_settings", "PEER_HOST": server.conninfo.split("host=")[1].split()[0].strip("'"), "PEER_MEDIA": str(folder),
        }  # fmt: skip
        said = _run([python, "peer.py", "mails.json"], timeout=240, cwd=folder, env=environ)
    found: dict[str, float] = json.loads(said.splitlines()[-1])
    return found


def _different(n: int) -> str:
    return end_to_end._mail(n).decode("utf-8", "replace")


def _run(
    words: list[str], *, timeout: float, cwd: Path | None = None, env: dict[str, str] | None = None
) -> str:
    done = subprocess.run(
        words,
        capture_output=True,
        text=True,
        timeout=timeout,
        cwd=cwd,
        env=env or {**os.environ, "PYTHONPATH": ""},
    )
    if done.returncode:
        raise ValueError(
            done.stderr.strip()[-400:] or f"{Path(words[0]).name} failed under {sys.platform}"
        )
    return done.stdout
