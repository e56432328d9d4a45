"""“New at the counter”: a short form for who stands in front of the agent, and a receipt to take home."""

from __future__ import annotations

from django import forms
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from sportello.accounts.models import Team
from sportello.channels.models import Channel
from sportello.channels.queries import Mouth, mouths
from sportello.contacts.actions import AddressRefused
from sportello.contacts.addresses import BadAddress
from sportello.contacts.models import Contact
from sportello.tickets.actions import BadValue, NotAllowed
from sportello.tickets.actions.counter import KIND, take_in
from sportello.tickets.models import Direction, Message
from sportello.workspace import desk
from sportello.workspace.access import AgentRequest, agent_page, seen, ticket_or_404


class CounterForm(forms.Form):
    """Customer, what it is about, what he leaves here."""

    shop = forms.ChoiceField(label=_("Shop"))
    name = forms.CharField(label=_("Name"), max_length=200, required=False)
    phone = forms.CharField(label=_("Telephone"), max_length=40, required=False)
    email = forms.CharField(label=_("E-mail"), max_length=320, required=False)
    subject = forms.CharField(label=_("What it is about"), max_length=200)
    text = forms.CharField(
        label=_("In the customer's words"), required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    handed_over = forms.CharField(
        label=_("Handed over"),
        max_length=300,
        required=False,
        help_text=_("What the customer leaves here. It is printed on the receipt."),
    )

    def __init__(self, *args: object, shops: list[Mouth], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        choice = self.fields["shop"]
        choice.choices = [(str(m.id), m.name) for m in shops]  # type: ignore[attr-defined]
        for name, hint in {"name": "off", "phone": "off", "email": "off"}.items():
            self.fields[name].widget.attrs["autocomplete"] = hint
        self.fields["phone"].widget.attrs["inputmode"] = "tel"
        self.fields["email"].widget.attrs["inputmode"] = "email"


def counters(request: AgentRequest) -> list[Mouth]:
    """The counters where he may answer."""
    private = set(Team.objects.filter(is_private=True).values_list("pk", flat=True))
    return [
        mouth
        for mouth in mouths().values()
        if mouth.provider.kind == KIND
        and mouth.is_active
        and request.rights.answers(mouth.team_id, mouth.team_id in private, mouth.brand_id)
    ]


@agent_page("GET", "POST")
def new(request: AgentRequest) -> HttpResponse:
    """``?contact=`` for somebody who is known already."""
    shops = counters(request)
    if not shops:
        raise Http404
    known = _contact(request)
    form = CounterForm(request.POST or None, shops=shops)
    if form.is_valid():
        given = {name: form.cleaned_data[name] for name in form.cleaned_data if name != "shop"}
        channel = get_object_or_404(Channel, pk=form.cleaned_data["shop"])
        try:
            ticket = take_in(
                channel=channel, contact=known, **given, actor=request.actor, now=timezone.now()
            )
        except (BadValue, BadAddress, AddressRefused, NotAllowed) as refusal:
            form.add_error(None, str(refusal))
        else:
            if request.POST.get("then") == "receipt":
                return redirect("workspace:receipt", ticket.number)
            return redirect("workspace:ticket", ticket.number)
    context = {
        "section": "counter",
        "groups": desk.groups(request),
        "view": "",
        "form": form,
        "known": known,
    }
    status = 422 if form.errors else 200
    return render(request, "workspace/counter/new.html", context, status=status)


@agent_page()
def receipt(request: AgentRequest, number: int) -> HttpResponse:
    """To be printed: the number, who, what, and what stays here."""
    ticket = ticket_or_404(request, number)
    first = (
        Message.objects.filter(ticket=ticket, direction=Direction.IN, channel__provider=KIND)
        .select_related("channel", "channel__brand", "identity")
        .order_by("pk")
        .first()
    )
    if first is None or first.channel is None:
        raise Http404
    context = {
        "ticket": ticket,
        "message": first,
        "channel": first.channel,
        "address": first.channel.settings.get("address"),
        "note": first.channel.settings.get("receipt_note"),
    }
    return render(request, "workspace/counter/receipt.html", context)


def _contact(request: AgentRequest) -> Contact | None:
    """The one named by ``contact``, if he is a customer of a ticket that the agent may see."""
    text = request.GET.get("contact", "")
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return None
    customers = Contact.objects.filter(pk__in=seen(request).values("contact_id"))
    return get_object_or_404(customers, pk=int(text))
