"""Who answers, for which brand, with which rights."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sportello.language.sensitive import Kind


class Company(models.Model):
    """The installation's own settings: one row."""

    name = models.CharField(_("name"), max_length=200, default="Sportello")
    language = models.CharField(_("language"), max_length=8, default="it")
    time_zone = models.CharField(_("time zone"), max_length=64, default="Europe/Rome")
    undo_send_seconds = models.PositiveSmallIntegerField(_("undo send, seconds"), default=10)
    reopen_days = models.PositiveSmallIntegerField(_("days in which an answer reopens"), default=14)
    close_after_days = models.PositiveSmallIntegerField(
        _("days until solved becomes closed"), default=28
    )
    continue_percent = models.PositiveSmallIntegerField(
        _("percent from which a message goes on in a ticket by itself"), default=90
    )
    suggest_percent = models.PositiveSmallIntegerField(
        _("percent from which a ticket is suggested"), default=40
    )
    country = models.CharField(_("country"), max_length=2, default="IT")
    """ISO 3166: of telephone numbers that are written without a prefix."""
    chat_gone_seconds = models.PositiveIntegerField(
        _("seconds without the visitor until answers go by mail"), default=60
    )
    require_second_factor = models.BooleanField(_("two factors for administrators"), default=True)
    is_demo = models.BooleanField(default=False)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="company_is_one")]

    def __str__(self) -> str:
        return self.name


class Brand(models.Model):
    """A face of the company."""

    name = models.CharField(_("name"), max_length=100)
    slug = models.SlugField(unique=True)
    colour = models.CharField(_("colour"), max_length=7, default="#335a43")
    language = models.CharField(_("language"), max_length=8, default="it")
    signature = models.TextField(_("signature"), blank=True)
    """Appended to mails; ``{{agent.name}}`` and ``{{brand.name}}`` are filled in."""
    website = models.URLField(_("website"), blank=True)
    privacy_url = models.URLField(_("privacy page"), blank=True)

    def __str__(self) -> str:
        return self.name


class AgentManager(BaseUserManager["Agent"]):
    def create_user(self, email: str, password: str | None = None, **fields: object) -> Agent:
        agent = self.model(email=self.normalize_email(email).lower(), **fields)
        agent.set_password(password)
        agent.save(using=self._db)
        return agent

    def create_superuser(self, email: str, password: str | None = None, **fields: object) -> Agent:
        fields |= {"is_staff": True, "is_superuser": True}
        return self.create_user(email, password, **fields)


class Agent(AbstractBaseUser, PermissionsMixin):
    """A user who answers."""

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=200)
    language = models.CharField(_("language"), max_length=8, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(default=False)
    is_available = models.BooleanField(_("available for chats"), default=True)
    preferences: models.JSONField = models.JSONField(default=dict, blank=True)
    """``theme``, ``density``, ``single_keys``, ``sound``, ``notify``, ``notices`` (see `accounts.notices`)."""
    seen_at = models.DateTimeField(null=True, editable=False)
    """When he last did something in the workspace, to the minute."""
    date_joined = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects: ClassVar[AgentManager] = AgentManager()

    kept_grants: list[Grant] | None = None
    kept_teams: list[Team] | None = None
    """His grants, and all teams by name, for the length of one request: `accounts.queries.keep_grants`."""

    def __str__(self) -> str:
        return self.name or self.email

    @property
    def initials(self) -> str:
        words = (self.name or self.email).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class Team(models.Model):
    """Agents who share an inbox. A private team's tickets are seen by members and administrators."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    slug = models.SlugField(unique=True)
    is_private = models.BooleanField(_("private"), default=False)

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    ADMINISTRATOR = "administrator", _("Administrator")
    SUPERVISOR = "supervisor", _("Supervisor")
    AGENT = "agent", _("Agent")
    LIGHT = "light", _("Light agent")


class Grant(models.Model):
    """A right: role × team × brand. No team means every public team, no brand every brand."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="grants")
    role = models.CharField(max_length=16, choices=Role.choices)
    team = models.ForeignKey(
        Team, on_delete=models.CASCADE, null=True, blank=True, related_name="grants"
    )
    brand = models.ForeignKey(Brand, on_delete=models.CASCADE, null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["agent", "role", "team", "brand"], name="grant_once", nulls_distinct=False
            )
        ]


class Invitation(models.Model):
    """An address asked to join. Only the hash of the token is kept; one use; it expires."""

    email = models.EmailField()
    name = models.CharField(max_length=200, blank=True)
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.AGENT)
    team = models.ForeignKey(Team, on_delete=models.SET_NULL, null=True, blank=True)
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Agent, on_delete=models.SET_NULL, null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    accepted_at = models.DateTimeField(null=True)


class ApiToken(models.Model):
    """A program's key to act as an agent. 256 random bits, stored as SHA-256, shown once."""

    agent = models.ForeignKey(Agent, on_delete=models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=16)
    token_hash = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)
    last_used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)


class RevealRole(models.TextChoices):
    AGENT = "agent", _("Agents")
    SUPERVISOR = "supervisor", _("Supervisors")
    ADMINISTRATOR = "administrator", _("Administrators")


def every_kind() -> list[str]:
    return [kind.value for kind in Kind]


class PrivacyPolicy(models.Model):
    """What is covered, who may look under the cover, and for how long things are kept: one row."""

    covered_kinds: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=16), default=every_kind, blank=True
    )
    """`language.sensitive.Kind`, covered on the way in."""
    reveal_role = models.CharField(
        max_length=16, choices=RevealRole.choices, default=RevealRole.SUPERVISOR
    )
    """Who may read covered values: this role and those above it, within their grants."""
    days: models.JSONField = models.JSONField(default=dict, blank=True)
    """Name of a `core.retention.Rule` → days; 0 keeps for ever, absent is the rule's own default."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="policy_is_one")]
        verbose_name_plural = "privacy policies"
