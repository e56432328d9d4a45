"""What the settings promise about security, seen from the outside."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.conf import settings
from django.test import Client

from tests.tree import ROOT


def _setting(name: str, **environ: str) -> str:
    code = f"from sportello.config import settings; print(settings.{name})"
    command = [sys.executable, "-c", code]
    done = subprocess.run(
        command, env=os.environ | environ, cwd=ROOT, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_over_tls_cookies_belong_to_this_host_alone() -> None:
    assert _setting("SESSION_COOKIE_NAME", SPORTELLO_URL="https://help.example.org") == "__Host-sid"
    assert _setting("CSRF_COOKIE_SECURE", SPORTELLO_URL="https://help.example.org") == "True"
    assert _setting("SESSION_COOKIE_NAME", SPORTELLO_URL="http://localhost:8000") == "sid"


def test_nobody_is_connected_by_an_unproved_address() -> None:
    assert settings.ACCOUNT_PREVENT_ENUMERATION == "strict"
    assert settings.ACCOUNT_REAUTHENTICATION_REQUIRED is True
    assert not getattr(settings, "SOCIALACCOUNT_EMAIL_AUTHENTICATION", False)
    assert not getattr(settings, "MFA_TOTP_INSECURE_BYPASS_CODE", None)


@pytest.mark.django_db
def test_a_foreign_host_is_refused_and_sign_up_is_closed() -> None:
    client = Client()
    assert client.get("/accounts/login/", headers={"host": "evil.example"}).status_code == 400
    page = client.get("/accounts/signup/")
    assert b'name="password1"' not in page.content


@pytest.mark.django_db
def test_pages_carry_a_policy() -> None:
    page = Client().get("/accounts/login/")
    policy = page["Content-Security-Policy"]
    for part in (
        "default-src 'none'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ):
        assert part in policy
    assert page["X-Content-Type-Options"] == "nosniff"
    assert page["Referrer-Policy"] == "same-origin"
