"""Who asks: people, their organizations, and the addresses that prove who they are."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext_lazy as _


class Organization(models.Model):
    name = models.CharField(_("name"), max_length=200)
    domains: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=253), default=list, blank=True
    )
    notes = models.TextField(_("notes"), blank=True)
    custom: models.JSONField = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [GinIndex(fields=["domains"], name="organization_domains")]

    def __str__(self) -> str:
        return self.name


class Contact(models.Model):
    """A person who asks for help."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(_("name"), max_length=200, blank=True)
    organization = models.ForeignKey(
        Organization, on_delete=models.SET_NULL, null=True, blank=True, related_name="contacts"
    )
    language = models.CharField(_("language"), max_length=8, blank=True)
    """The one he wants to be written to in; empty leaves it to what he writes."""
    preferred_channel = models.CharField(
        _("preferred channel"), max_length=24, blank=True, db_default="", default=""
    )
    """Kind of identity (``email``, ``phone``, …) by which he would rather be answered."""
    segments: ArrayField[list[str], list[str]] = ArrayField(
        models.CharField(max_length=64),
        db_default=RawSQL("'{}'::varchar[]", []),
        default=list,
        blank=True,
    )
    """Groups that the company tells apart: ``vip``, ``trade``."""
    notes = models.TextField(_("notes"), blank=True)
    custom: models.JSONField = models.JSONField(default=dict, blank=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = [
            GinIndex(fields=["name"], name="contact_name_trgm", opclasses=["gin_trgm_ops"]),
            GinIndex(fields=["segments"], name="contact_segments"),
            GinIndex(
                fields=["custom"],
                opclasses=["jsonb_path_ops"],
                condition=~models.Q(custom={}),
                name="contact_custom",
            ),
        ]

    def __str__(self) -> str:
        return self.name or f"#{self.pk}"


class Proof(models.TextChoices):
    NONE = "none", _("seen")
    CLAIMED = "claimed", _("claimed")
    VERIFIED = "verified", _("verified")


class Doubt(models.TextChoices):
    """Why an address does not tell who somebody is. No suggestion rests on such an address."""

    SHARED = "shared", _("several people write from it")
    RECYCLED = "recycled", _("may have passed to somebody else")


class Identity(models.Model):
    """One address of a contact on one kind of channel.

    Whoever writes *from* an address owns it (proof none or verified): one owner per address. A
    *claimed* address was typed in a form; several contacts may claim the same one and none owns it.
    """

    id = models.BigAutoField(primary_key=True)
    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="identities")
    kind = models.CharField(max_length=24)
    address = models.CharField(max_length=320)
    """Normalised: e-mail lower case, phones E.164."""
    display = models.CharField(max_length=320, blank=True)
    proof = models.CharField(max_length=8, choices=Proof.choices, default=Proof.NONE)
    how = models.CharField(max_length=64, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    doubt = models.CharField(max_length=8, choices=Doubt.choices, blank=True, db_default="")
    opted_out_at = models.DateTimeField(null=True, blank=True)
    """He wrote STOP (or ARRESTA…): nothing is sent to this address until he writes again."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "identities"
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "address"],
                condition=~models.Q(proof="claimed"),
                name="identity_one_owner",
            ),
            models.UniqueConstraint(
                fields=["contact", "kind", "address"], name="identity_once_per_contact"
            ),
        ]
        indexes = [
            GinIndex(fields=["address"], name="identity_address_trgm", opclasses=["gin_trgm_ops"]),
            # Spellings of one mailbox begin alike: found in any collation.
            models.Index(
                fields=["address", "kind"],
                name="identity_begins",
                opclasses=["varchar_pattern_ops", "varchar_ops"],
            ),
            models.Index(
                models.Func("address", models.Value("@"), models.Value(-1), function="split_part"),
                name="identity_domain",
                condition=models.Q(kind="email") & ~models.Q(proof="claimed"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind}:{self.address}"


class Membership(models.Model):
    """A contact belongs to an organization; `Contact.organization` is the one that counts for tickets."""

    contact = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="memberships")
    organization = models.ForeignKey(
        Organization, on_delete=models.CASCADE, related_name="memberships"
    )
    how = models.CharField(max_length=8)
    """``domain`` (a proved address at its domain) or ``agent``."""
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["contact", "organization"], name="membership_once")
        ]


class Suggestion(models.Model):
    """Two contacts may be one person. Somebody says yes or no; nothing happens by itself."""

    class State(models.TextChoices):
        OPEN = "open", _("open")
        ACCEPTED = "accepted", _("merged")
        DISMISSED = "dismissed", _("not the same")

    first = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    """The one with the lower id."""
    second = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="+")
    reasons: models.JSONField = models.JSONField(default=list)
    """``[{"reason": "claimed", "kind": "email", "value": "ada@home.example"}, …]``"""
    state = models.CharField(max_length=9, choices=State.choices, default=State.OPEN)
    decided_by = models.CharField(max_length=64, blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="suggestion_once"),
            models.CheckConstraint(
                condition=models.Q(first__lt=models.F("second")), name="suggestion_in_order"
            ),
        ]


class Merge(models.Model):
    """What one contact brought when it became part of another: enough to take it out again."""

    survivor = models.ForeignKey(Contact, on_delete=models.CASCADE, related_name="merges")
    gone_id = models.BigIntegerField()
    """Id of the contact that went, and under which it comes back."""
    gone_name = models.CharField(max_length=200, blank=True)
    record: models.JSONField = models.JSONField()
    """What `contacts.merging` wrote down: the row that went, ids of what moved, what was filled in."""
    actor = models.CharField(max_length=64)
    created_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [models.Index(fields=["gone_id"], name="merge_gone")]


# The ledgers, the trail, the confirmations and the company's own fields, kept in files of their own.
from sportello.contacts.confirmation import Confirmation as Confirmation  # noqa: E402
from sportello.contacts.custom import ProfileField as ProfileField  # noqa: E402
from sportello.contacts.ledger import Consent as Consent  # noqa: E402
from sportello.contacts.ledger import PrivacyRequest as PrivacyRequest  # noqa: E402
from sportello.contacts.ledger import Wording as Wording  # noqa: E402
from sportello.contacts.trail import Touchpoint as Touchpoint  # noqa: E402
