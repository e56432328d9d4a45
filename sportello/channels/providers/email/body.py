"""Which leaves of a mail are its text, which its HTML, which its files."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from sportello.channels.contract import File
from sportello.channels.providers.email import mime
from sportello.channels.providers.email.charsets import decode, tidy
from sportello.channels.providers.email.mime import Part

MAX_NAME = 200
_EXTENSIONS = {
    "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/webp": ".webp", "image/svg+xml": ".svg",
    "application/pdf": ".pdf", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html", "text/csv": ".csv",
    "message/rfc822": ".eml", "application/zip": ".zip", "audio/mpeg": ".mp3", "video/mp4": ".mp4",
    "message/delivery-status": ".txt", "text/rfc822-headers": ".txt", "application/ms-tnef": ".dat",
    "application/pgp-signature": ".asc", "application/pkcs7-signature": ".p7s", "text/vcard": ".vcf", "text/x-vcard": ".vcf",
}  # fmt: skip
_UNSAFE = re.compile(r"[\x00-\x1f\x7f/\\\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_CID = re.compile(r"cid:([^\"'\s>)]{1,250})", re.IGNORECASE)


@dataclass(slots=True)
class Body:
    plain: list[str] = field(default_factory=list)
    html: list[str] = field(default_factory=list)
    files: list[File] = field(default_factory=list)


def read(root: Part) -> Body:
    """The bodies and files of the tree, in the order of the mail."""
    body = Body()
    leaves = _leaves(root)
    shown = _shown(leaves, alone=not root.is_multipart)
    for leaf in leaves:
        if id(leaf) not in shown:
            body.files.append(_file(leaf, len(body.files) + 1))
        elif leaf.type == "text/html":
            body.html.append(leaf.text())
        else:
            body.plain.append(_plain(leaf, body))
    referenced = {cid.lower() for html in body.html for cid in _CID.findall(html)}
    body.files = [_placed(file, referenced) for file in body.files]
    return body


def _leaves(root: Part) -> list[Part]:
    """Leaves worth showing: of an alternative only one plain, the richest HTML and what is no text."""
    found: list[Part] = []
    stack = [root]
    while stack:
        part = stack.pop()
        if not part.is_multipart:
            found.append(part)
        elif part.type == "multipart/alternative":
            stack.extend(reversed(_chosen(part.parts)))
        else:
            stack.extend(reversed(part.parts))
    return found


def _chosen(options: list[Part]) -> list[Part]:
    plain = [p for p in options if p.type == "text/plain" and not _is_attached(p)]
    html = [p for p in options if p.type == "text/html" and not _is_attached(p)]
    rich = [p for p in options if p.is_multipart]
    dropped = {id(p) for p in plain[1:]} | {id(p) for p in html[:-1]}
    if html or rich or plain:
        dropped |= {
            id(p)
            for p in options
            if p.type in ("text/enriched", "text/richtext", "text/watch-html", "text/x-amp-html")
        }
    return [p for p in options if id(p) not in dropped]


def _is_attached(part: Part) -> bool:
    return part.disposition == "attachment" or bool(part.filename and part.disposition)


def _shown(leaves: list[Part], *, alone: bool) -> set[int]:
    """Ids of the leaves that are bodies. A named text part is a file, unless it is all there is."""
    shown = {
        id(p)
        for p in leaves
        if p.type in ("text/plain", "text/html", "text/enriched", "text/richtext", "text")
        and p.disposition != "attachment"
        and (alone or not p.filename)
    }
    if (
        not shown
        and leaves
        and leaves[0].type in ("text/plain", "text/html")
        and leaves[0].disposition != "attachment"
    ):
        shown.add(id(leaves[0]))
    return shown


def _plain(leaf: Part, body: Body) -> str:
    data = leaf.content()
    found = mime.uuencoded(data)
    for name, content, _, _ in found:
        body.files.append(
            File(safe_name(name, "file", len(body.files) + 1), "application/octet-stream", content)
        )
    for _, _, start, end in reversed(found):
        data = data[:start] + data[end:]
    text = decode(data, leaf.params.get("charset", ""))
    if leaf.params.get("format", "").lower() == "flowed":
        text = unflowed(text, delsp=leaf.params.get("delsp", "").lower() == "yes")
    if leaf.type in ("text/enriched", "text/richtext"):
        text = re.sub(r"<(?:/?[A-Za-z-]{1,40})>", "", text)
    return text


def unflowed(text: str, *, delsp: bool) -> str:
    """RFC 3676: soft line breaks undone where the quote depth stays the same."""
    out: list[str] = []
    open_depth = -1
    for line in text.split("\n"):
        bare = line.lstrip(">")
        depth = len(line) - len(bare)
        bare = bare.removeprefix(" ")
        if open_depth == depth and bare != "-- ":
            out[-1] = (out[-1][:-1] if delsp else out[-1]) + bare
        else:
            out.append(">" * depth + (" " if depth else "") + bare)
        open_depth = depth if bare.endswith(" ") and bare != "-- " else -1
    return "\n".join(out)


def _file(leaf: Part, number: int) -> File:
    kind = (
        leaf.type
        if re.fullmatch(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,100}", leaf.type)
        else ""
    )
    content = leaf.content()
    return File(
        name=safe_name(leaf.filename or _nested_subject(leaf, content), kind, number),
        content_type=kind or "application/octet-stream",
        content=content,
        inline=leaf.disposition != "attachment" and bool(leaf.content_id),
        content_id=tidy(leaf.content_id)[:250],
    )


def _placed(file: File, referenced: set[str]) -> File:
    """Inline is what the HTML shows, whatever the disposition says."""
    inline = bool(file.content_id) and file.content_id.lower() in referenced
    if inline == file.inline:
        return file
    return File(
        file.name, file.content_type, file.content, inline=inline, content_id=file.content_id
    )


def _nested_subject(leaf: Part, content: bytes) -> str:
    if leaf.type != "message/rfc822":
        return ""
    headers, _ = mime.split_headers(content[: mime.MAX_HEADER_BYTES].lstrip(b"\r\n"))
    subject = Part(headers, b"").get("subject")
    return f"{subject[:80]}.eml" if subject else ""


def safe_name(name: str, content_type: str, number: int) -> str:
    """A name for people: no path, no control or direction characters. Never used as a path."""
    name = _UNSAFE.sub("_", tidy(name).replace("\n", " ")).strip(" .")
    if not name:
        kind = content_type.partition("/")[0] if content_type else "file"
        kind = "image" if kind == "image" else "attachment"
        return f"{kind}-{number}{_EXTENSIONS.get(content_type, '')}"
    if len(name) > MAX_NAME:
        stem, dot, extension = name.rpartition(".")
        name = f"{stem[: MAX_NAME - 12]}{dot}{extension[:10]}" if dot else name[:MAX_NAME]
    return name
