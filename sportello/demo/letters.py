"""The raw bytes of what the demo's customers send: mails as MIME, chat messages as frames."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime, parseaddr

from sportello.channels.contract import Raw
from sportello.channels.models import Channel
from sportello.demo.people import PEOPLE
from sportello.demo.script import ZONE, Bounce, Chat, Mail, Seen, Story
from sportello.tickets import tokens
from sportello.tickets.models import Direction, Message

_SPACE = uuid.UUID("6c1d0d5e-7f0a-4b7e-9d52-0a5b1c0e4821")


def visitor_of(story: Story) -> str:
    """The uuid of the visitor who tells this story: the same at every seeding."""
    return str(uuid.uuid5(_SPACE, f"visitor {story.who}"))


def raw_of(
    step: Mail | Chat | Bounce | Seen,
    story: Story,
    channel: Channel,
    *,
    last: Message | None,
    read: Sequence[str],
) -> Raw:
    """One step as a door would hand it in. `last` is the newest message of the ticket, for threading."""
    match step:
        case Mail():
            mail = _mail(step, story, channel, last)
            sender = parseaddr(str(mail["From"]))[1]
            return _smtp(mail, sender, str(parseaddr(str(mail["To"]))[1]))
        case Bounce():
            assert last is not None
            return _smtp(_bounce(step, channel, last), "", str(channel.settings["address"]))
        case Chat():
            return _frame(step, story, {"say": _said(step, story)})
        case Seen():
            return _frame(step, story, {"seen": {"ids": list(read), "read": True}})


def _smtp(mail: EmailMessage, sender: str, to: str) -> Raw:
    headers = {
        "x-sportello-rcpt": to,
        "x-sportello-mailfrom": sender,
        "x-sportello-peer": "192.0.2.25",
        "x-sportello-helo": f"mx.{sender.rpartition('@')[2] or 'posta.example'}",
    }
    return Raw(mail.as_bytes(), headers=headers, source="smtp")


def _mail(step: Mail, story: Story, channel: Channel, last: Message | None) -> EmailMessage:
    mail = EmailMessage(policy=SMTP)
    person = PEOPLE[story.who]
    name, address = parseaddr(step.sender) if step.sender else (person.name, person.email)
    mail["From"] = Address(name, addr_spec=address)
    mail["To"] = _addressed_to(channel, last)
    if step.cc:
        mail["Cc"] = step.cc
    mail["Subject"] = step.subject or (
        _answering(last, story) if last is not None else story.subject
    )
    mail["Date"] = format_datetime(step.at.astimezone(ZONE))
    mail["Message-ID"] = f"<{_id(story, step.at.isoformat())}@{address.rpartition('@')[2]}>"
    if last is not None and last.external_id:
        mail["In-Reply-To"] = f"<{last.external_id}>"
        mail["References"] = f"<{last.external_id}>"
    for header, value in step.headers:
        mail[header] = value
    mail.set_content(_with_quote(step, last))
    if step.html:
        mail.add_alternative(step.html, subtype="html")
    _attach(mail, step)
    return mail


def _id(story: Story, moment: str) -> str:
    return uuid.uuid5(_SPACE, f"{story.key} {moment}").hex


def _addressed_to(channel: Channel, last: Message | None) -> str:
    own = str(channel.settings["address"])
    if last is None or last.direction != Direction.OUT or last.thread_id is None:
        return own
    return tokens.reply_address(own, last.thread_id)


def _answering(last: Message, story: Story) -> str:
    return f"Re: {last.subject or story.subject}"


def _with_quote(step: Mail, last: Message | None) -> str:
    if last is None or last.direction != Direction.OUT:
        return step.text
    writer = last.agent.name if last.agent else "Bottega Aurora"
    when = last.created_at.astimezone(ZONE)
    quote = "\n".join(f"> {line}".rstrip() for line in last.text.splitlines())
    return f"{step.text}\n\nIl giorno {when:%d/%m/%Y} alle ore {when:%H:%M} {writer} ha scritto:\n\n{quote}\n"


def _attach(mail: EmailMessage, step: Mail) -> None:
    for file in step.files:
        main, _, sub = file.content_type.partition("/")
        html = mail.get_body(("html",))
        if file.content_id and isinstance(html, EmailMessage):
            html.add_related(
                file.content, main, sub, cid=f"<{file.content_id}>", filename=file.name
            )
    for file in step.files:
        if not (file.content_id and step.html):
            main, _, sub = file.content_type.partition("/")
            mail.add_attachment(file.content, maintype=main, subtype=sub, filename=file.name)


def _bounce(step: Bounce, channel: Channel, last: Message) -> EmailMessage:
    """A delivery status notification by RFC 3464."""
    own = str(channel.settings["address"])
    text = (
        "This is the mail system at host mx.posta.example.\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.\r\n\r\n"
        f"<{step.recipient}>: {step.diagnosis}\r\n"
    )
    report = (
        "Reporting-MTA: dns; mx.posta.example\r\n\r\n"
        f"Final-Recipient: rfc822; {step.recipient}\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        f"Diagnostic-Code: smtp; {step.diagnosis}\r\n"
    )
    returned = f"From: {own}\r\nTo: {step.recipient}\r\nMessage-ID: <{last.external_id}>\r\nSubject: {last.subject}\r\n"
    mark = "=_aurora_bounce"
    raw = (
        f"From: Mail Delivery System <MAILER-DAEMON@mx.posta.example>\r\nTo: {own}\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nDate: {format_datetime(step.at.astimezone(ZONE))}\r\n"
        f"Message-ID: <{uuid.uuid5(_SPACE, str(last.external_id)).hex}@mx.posta.example>\r\n"
        "Auto-Submitted: auto-replied\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/report; report-type=delivery-status; boundary="{mark}"\r\n\r\n'
        f"--{mark}\r\nContent-Type: text/plain; charset=us-ascii\r\n\r\n{text}\r\n"
        f"--{mark}\r\nContent-Type: message/delivery-status\r\n\r\n{report}\r\n"
        f"--{mark}\r\nContent-Type: text/rfc822-headers\r\n\r\n{returned}\r\n--{mark}--\r\n"
    )
    from email import message_from_string

    parsed = message_from_string(raw, policy=SMTP)
    assert isinstance(parsed, EmailMessage)
    return parsed


def _said(step: Chat, story: Story) -> dict[str, object]:
    said: dict[str, object] = {
        "id": str(uuid.uuid5(_SPACE, f"{story.key} {step.at.isoformat()}")),
        "text": step.text,
    }
    form = {"name": PEOPLE[story.who].name, "email": step.email}
    return said | {"form": {key: value for key, value in form.items() if value}}


def _frame(step: Chat | Seen, story: Story, content: dict[str, object]) -> Raw:
    frame: dict[str, object] = {
        "visitor": visitor_of(story),
        "identity": None,
        "language": PEOPLE[story.who].language,
        "at": step.at.isoformat(),
    }
    if isinstance(step, Chat):
        frame["page"] = {"url": f"http://localhost:8000{step.page}", "title": "Bottega Aurora"}
    return Raw(json.dumps(frame | content).encode(), source="widget")
