"""Render a delivery as the plain `Outbound` that providers send."""

from __future__ import annotations

import html as markup

from django.utils import translation
from django.utils.translation import gettext

from sportello.channels.contract import Address, File, Outbound, QuickReply, TemplateUse
from sportello.channels.vendors import sms
from sportello.core import files, richtext
from sportello.tickets import tokens
from sportello.tickets.identifying import proving
from sportello.tickets.language import language_for
from sportello.tickets.models import Delivery, Direction, Message, Thread
from sportello.tickets.outbound import signature

REFERENCES = 20
"""How many earlier ids a mail names; the first and the newest ones."""


def render(delivery: Delivery) -> Outbound:
    """Everything the provider needs, read from the database and the disk."""
    message, thread = delivery.message, _thread_of(delivery)
    language = language_for(message.ticket)
    with translation.override(language):
        if delivery.options.get("content") == "neutral":
            return _neutral(delivery, thread, language)
        text, html = _body(delivery, message)
    buttons = _buttons(delivery)
    if not buttons:
        text, html = _numbered(message, text, html)
    quoted_text, quoted_html = _quoted(message, thread)
    return Outbound(
        idempotency_key=str(delivery.idempotency_key),
        recipient=Address(**delivery.recipient),
        text=text,
        html=html,
        subject=_subject(message, thread),
        files=tuple(_files(message)),
        thread_ref=thread.external_ref,
        message_id=_message_id(delivery, thread),
        reply_to=_reply_to(delivery, thread),
        references=tuple(reversed(references_of(thread, before=message))),
        cc=tuple(Address("email", a) for a in copies(delivery, thread)),
        bcc=tuple(Address("email", a) for a in delivery.options.get("bcc", [])),
        from_name=_from_name(message, delivery),
        language=language,
        automatic=message.nature == "automatic",
        quoted_text=quoted_text,
        quoted_html=quoted_html,
        template=_template(delivery),
        quick_replies=buttons,
        window_until=thread.window_until,
        answers=str(delivery.options.get("answers") or _answered(message, thread)),
    )


def _thread_of(delivery: Delivery) -> Thread:
    """The message's own thread, or the one on the channel it leaves by instead."""
    thread = delivery.message.thread
    if thread is None or thread.channel_id != delivery.channel_id:
        thread = Thread.objects.get(pk=delivery.options["thread"])
    return thread


def _body(delivery: Delivery, message: Message) -> tuple[str, str]:
    """Words with what else goes along: earlier chat messages the visitor did not see, and the signature."""
    also = Message.objects.filter(
        pk__in=delivery.options.get("also", []), ticket=message.ticket
    ).order_by("pk")
    text = "\n\n".join([*(m.text for m in also), message.text])
    html = message.html if not also else ""
    if delivery.channel.provider != "email":
        return text, html
    sign = signature.of(message)
    if sign:
        text = f"{text}\n\n-- \n{sign}"
        if html:
            html = f"{html}<br><div>{richtext.html_of(sign)}</div>"
    return text, html


def _neutral(delivery: Delivery, thread: Thread, language: str) -> Outbound:
    """To an address that was only typed in a form: a line and a link, no word of anybody."""
    brand = delivery.channel.brand.name
    link = proving.link_for(delivery)
    text = (
        gettext(
            "%(brand)s has answered your message. To read the answer and go on by e-mail, open:"
        )
        if delivery.recipient["kind"] == "email"
        else gettext(
            "%(brand)s has answered your message. To read the answer and go on here, open:"
        )
    ) % {"brand": brand}
    return Outbound(
        idempotency_key=str(delivery.idempotency_key),
        recipient=Address(**delivery.recipient),
        text=f"{text}\n\n{link}\n",
        subject=gettext("%(brand)s has answered you") % {"brand": brand},
        message_id=_message_id(delivery, thread),
        from_name=brand,
        language=language,
        automatic=True,
    )


def _buttons(delivery: Delivery) -> tuple[QuickReply, ...]:
    """Buttons under the answer, where the channel has as many; elsewhere they become a numbered list."""
    titles = _titles(delivery.message)
    if len(titles) > delivery.channel.code.capabilities.quick_replies:
        return ()
    return tuple(
        QuickReply(f"{delivery.message_id}.{n}", title) for n, title in enumerate(titles, 1)
    )


def _numbered(message: Message, text: str, html: str) -> tuple[str, str]:
    """The choices as a list to answer by number or by word; above the signature, where there is one."""
    titles = _titles(message)
    if not titles:
        return text, html
    numbered = sms.with_choices(message.text, [QuickReply(title, title) for title in titles])
    text = text.replace(message.text, numbered, 1)
    if html:
        rows = "".join(f"<li>{markup.escape(title)}</li>" for title in titles)
        html = html.replace(message.html, f"{message.html}<ol>{rows}</ol>", 1)
    return text, html


def _titles(message: Message) -> list[str]:
    return [str(title) for title in message.meta.get("choices", [])]


def _message_id(delivery: Delivery, thread: Thread) -> str:
    if delivery.channel.provider != "email":
        return str(delivery.message_id)
    own = delivery.message.external_id
    if own and delivery.message.channel_id == delivery.channel_id:
        return own
    domain = str(delivery.channel.settings["address"]).rpartition("@")[2]
    return f"{tokens.issue(thread.pk)}.{delivery.idempotency_key.hex[:16]}@{domain}"


def _reply_to(delivery: Delivery, thread: Thread) -> str:
    if delivery.channel.provider != "email":
        return ""
    return tokens.reply_address(str(delivery.channel.settings["address"]), thread.pk)


def _subject(message: Message, thread: Thread) -> str:
    if message.subject:
        return message.subject
    first = (
        thread.messages.filter(direction=Direction.IN).exclude(subject="").order_by("pk").first()
    )
    subject = (first.subject if first else message.ticket.subject).strip()
    has_prefix = subject[:3].lower() in {"re:", "r: ", "ri:"} or subject[:4].lower() == "rif:"
    answers = thread.messages.filter(direction=Direction.IN).exists()
    return subject if has_prefix or not answers else f"Re: {subject}"


def references_of(thread: Thread, *, before: Message) -> list[str]:
    """Message ids of the thread so far, oldest first, as RFC 5322 wants them in References."""
    ids = (
        thread.messages.filter(pk__lt=before.pk, is_held=False)
        .exclude(external_id=None)
        .order_by("pk")
    )
    chain = [
        str(i).partition("#")[0]
        for i in ids.values_list("external_id", flat=True)
        if i and "@" in i
    ]
    return chain if len(chain) <= REFERENCES else [chain[0], *chain[-REFERENCES + 1 :]]


def _answered(message: Message, thread: Thread) -> str:
    """In public an answer hangs below what the customer said there last; elsewhere nothing is quoted."""
    if not thread.is_public:
        return ""
    said = thread.messages.filter(pk__lt=message.pk, direction=Direction.IN, is_held=False)
    newest = said.exclude(external_id=None).order_by("-pk").values_list("external_id", flat=True)
    return str(newest.first() or "").partition("#")[0]


def copies(delivery: Delivery, thread: Thread) -> list[str]:
    """Who gets a copy: who takes part, and whom the writer added to this one."""
    if not delivery.channel.code.capabilities.cc:
        return []  # in a talk of several people everybody reads along as it is
    mailed = thread.participants.filter(is_active=True).exclude(added_by="talk")
    active = mailed.values_list("address", flat=True)
    everybody = dict.fromkeys([*active, *delivery.options.get("cc", [])])
    return [address for address in everybody if address != delivery.recipient["address"]]


def _from_name(message: Message, delivery: Delivery) -> str:
    brand = delivery.channel.settings.get("from_name") or delivery.channel.brand.name
    return f"{message.author_name} – {brand}" if message.author_name else str(brand)


def _files(message: Message) -> list[File]:
    return [
        File(
            name=a.name,
            content_type=a.content_type,
            content=files.read(a.file),
            inline=a.inline,
            content_id=a.content_id,
            media_ref=files.vendor_link(a.file),
        )
        for a in message.attachments.select_related("file")
    ]


def _quoted(message: Message, thread: Thread) -> tuple[str, str]:
    """What the customer wrote last, as text and as HTML, to be shown below the answer by mail."""
    if thread.channel.provider != "email":
        return "", ""
    earlier = thread.messages.filter(pk__lt=message.pk, direction=Direction.IN, is_held=False)
    last = earlier.order_by("-pk").first()
    if last is None:
        return "", ""
    return last.text[:20_000], richtext.clean_outgoing(last.html) if last.html else ""


def _template(delivery: Delivery) -> TemplateUse | None:
    chosen = delivery.options.get("template")
    if not chosen:
        return None
    return TemplateUse(chosen["name"], chosen["language"], tuple(chosen.get("values", ())))
