"""Django's settings, derived from the environment (``env.py``)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import django_stubs_ext
from django.utils.csp import CSP
from psycopg.conninfo import conninfo_to_dict

from sportello.config import env

django_stubs_ext.monkeypatch()  # ModelForm[Company] and the like, as the types are written

ENV = env.current()
PACKAGE = Path(__file__).resolve().parents[1]

# --- What rooms may read -----------------------------------------------------------------------
SPORTELLO_URL = ENV.url
SPORTELLO_FILES_URL = ENV.files_url
SPORTELLO_INTAKE_RATE = ENV.intake_rate
SPORTELLO_DEMO = ENV.demo
SPORTELLO_DATA_DIR = ENV.data_dir
SPORTELLO_SCANS = ENV.scans
SPORTELLO_FILES_DIR = ENV.data_dir / "files"
SPORTELLO_ALLOW_NETWORKS = ENV.allow_networks
SPORTELLO_SMTP_HOST = ENV.smtp_host
SPORTELLO_SMTP_PORT = ENV.smtp_port
EMAIL_URL = ENV.email_url
SPORTELLO_CLAMAV = ENV.clamav
REDIS_URL = ENV.redis_url
DATABASE_DSN = ENV.dsn
"""For psycopg in the lean doors. Under tests ask ``connection.settings_dict`` for the name instead."""

# --- Django ------------------------------------------------------------------------------------
SECRET_KEY = ENV.secret_key
DEBUG = ENV.debug
ALLOWED_HOSTS = ENV.hosts
CSRF_TRUSTED_ORIGINS = [ENV.url]
ROOT_URLCONF = "sportello.config.urls"
AUTH_USER_MODEL = "accounts.Agent"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORMS_URLFIELD_ASSUME_HTTPS = True

ROOMS = [
    "core",
    "language",
    "hours",
    "accounts",
    "channels",
    "contacts",
    "commerce",
    "tickets",
    "automation",
    "intake",
    "realtime",
    "workspace",
    "portal",
    "widget",
    "api",
    "demo",
]
INSTALLED_APPS = [
    *[f"sportello.{room}" for room in ROOMS],
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "procrastinate.contrib.django",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "sportello.accounts.middleware.agent_preferences",
    "sportello.accounts.middleware.second_factor",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [PACKAGE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csp",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
            "builtins": ["sportello.core.templatetags.assets"],
        },
    },
    {
        # Only what repeats on a page: see sportello.workspace.drawing.
        "BACKEND": "django.template.backends.jinja2.Jinja2",
        "NAME": "drawing",
        "DIRS": [PACKAGE / "workspace" / "jinja2"],
        "APP_DIRS": False,
        "OPTIONS": {"environment": "sportello.workspace.drawing.environment"},
    },
]


# --- Database ----------------------------------------------------------------------------------
def _database(dsn: str) -> dict[str, Any]:
    """Django's view of a libpq connection string. The web process pools (`config.database.pool_connections`)."""
    known = conninfo_to_dict(dsn)
    options: dict[str, Any] = {
        key: value
        for key, value in known.items()
        if key not in {"host", "port", "user", "password", "dbname"}
    }
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": known.get("dbname", ""),
        "USER": known.get("user", ""),
        "PASSWORD": known.get("password", ""),
        "HOST": known.get("host", ""),
        "PORT": known.get("port", ""),
        "CONN_MAX_AGE": 0,
        "OPTIONS": options,
    }


DATABASES = {"default": _database(DATABASE_DSN)}

CACHES: dict[str, dict[str, Any]] = {
    # Shared between processes: rate limits are counted here.
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": ENV.redis_url,
    }
    if ENV.redis_url
    else {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
    }
}

# --- Language and time -------------------------------------------------------------------------
LANGUAGE_CODE = "it"
LANGUAGES = [("it", "Italiano"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_TZ = True
TIME_ZONE = "UTC"
SPORTELLO_TIMEZONE = ENV.timezone

# --- Static files: served by config/asgi.py, the hashed ones for ever ---------------------------
STATIC_URL = "/static/"
STATICFILES_DIRS = [PACKAGE / "static"] if (PACKAGE / "static").exists() else []

# --- Mail of the platform itself (password resets, invitations) ----------------------------------
MAILERS = {"default": {"BACKEND": "sportello.config.mailbackend.RelayBackend"}}
DEFAULT_FROM_EMAIL = f"Sportello <no-reply@{ENV.hosts[0]}>"
SERVER_EMAIL = DEFAULT_FROM_EMAIL

# --- Security ----------------------------------------------------------------------------------
_FILES = [ENV.files_url] if ENV.files_url else []
SECURE_CSP = {
    "default-src": [CSP.NONE],
    "script-src": [CSP.SELF, CSP.NONCE],
    "style-src": [CSP.SELF, CSP.NONCE],
    "img-src": [CSP.SELF, "data:", "blob:", *_FILES],
    "font-src": [CSP.SELF],
    "connect-src": [CSP.SELF],
    "frame-src": [CSP.SELF, *_FILES],
    "media-src": [CSP.SELF, "blob:", *_FILES],
    "worker-src": [CSP.SELF],
    "manifest-src": [CSP.SELF],
    "object-src": [CSP.NONE],
    "base-uri": [CSP.NONE],
    "form-action": [CSP.SELF],
    "frame-ancestors": [CSP.NONE],
}
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if ENV.secure else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = ENV.secure
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if ENV.trusted_proxies else None
USE_X_FORWARDED_HOST = False

SESSION_COOKIE_NAME = "__Host-sid" if ENV.secure else "sid"
SESSION_COOKIE_SECURE = ENV.secure
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
CSRF_COOKIE_NAME = "__Host-csrf" if ENV.secure else "csrf"
CSRF_COOKIE_SECURE = ENV.secure
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = ENV.secure

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 10},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "sportello.accounts.backends.NotTheDemoPasswordValidator"},
]
AUTHENTICATION_BACKENDS = [
    "sportello.accounts.backends.NotTheDemoPassword",
    "allauth.account.auth_backends.AuthenticationBackend",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/app/"

DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
SPORTELLO_MAX_REQUEST_BODY = 64 * 1024 * 1024
"""Bytes of one request to a page; the bridge answers 413 above it."""

# --- Sign-in (allauth) -------------------------------------------------------------------------
ACCOUNT_ADAPTER = "sportello.accounts.adapter.AgentAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_EMAIL_VERIFICATION = "none"  # agents are invited by mail: the invitation is the proof
ACCOUNT_PREVENT_ENUMERATION = "strict"
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False  # no mail to whoever is named in the reset form
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
ALLAUTH_TRUSTED_PROXY_COUNT = ENV.trusted_proxies
MFA_ADAPTER = "sportello.accounts.adapter.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Sportello"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not ENV.secure
USERSESSIONS_ADAPTER = "sportello.accounts.adapter.SessionsAdapter"
USERSESSIONS_TRACK_ACTIVITY = False

# --- Jobs --------------------------------------------------------------------------------------
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "tasks"

# --- Logs: structlog's processors are set in config/logs.py ---------------------------------------
LOGGING_CONFIG = "sportello.config.logs.configure"
LOGGING: dict[str, Any] = {"level": "DEBUG" if ENV.debug else "INFO"}
