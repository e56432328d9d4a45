"""HTML mail as lines of readable text, each known to be quoted or not by its mail program's markup."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from lxml import etree  # type: ignore[import-untyped]

MAX_HTML = 2_000_000
"""Characters read for the text; the HTML itself is kept whole."""

_PARSER_OPTIONS = {"remove_pis": True, "huge_tree": True, "recover": True, "encoding": "utf-8"}
_BLOCKS = frozenset(
    [
        "address",
        "article",
        "aside",
        "blockquote",
        "body",
        "center",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "fieldset",
        "figcaption",
        "figure",
        "footer",
        "form",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "header",
        "hr",
        "li",
        "main",
        "nav",
        "ol",
        "p",
        "pre",
        "section",
        "table",
        "tbody",
        "tfoot",
        "thead",
        "tr",
        "ul",
    ]
)
_PARAGRAPHS = frozenset(
    ["p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "table", "pre", "blockquote"]
)
_SKIPPED = frozenset(
    [
        "script",
        "style",
        "head",
        "title",
        "template",
        "noscript",
        "iframe",
        "object",
        "embed",
        "svg",
        "math",
        "select",
        "textarea",
    ]
)
_CELLS = frozenset(("td", "th"))
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_HIDDEN = re.compile(r"display\s*:\s*none|mso-hide\s*:\s*all", re.IGNORECASE)
_BORDER = re.compile(
    r"border-top\s*:\s*(?:solid\s+(?:#[0-9a-f]{3,6}|windowtext|\w+)\s+1(?:\.0)?pt|1px\s+solid\s+(?:#e5e5e5|rgb\(229)|"
    r"(?:#[0-9a-f]{3,6})\s+1(?:\.0)?pt\s+solid)",
    re.IGNORECASE,
)
_PADDING = re.compile(r"padding\s*:\s*(?:3(?:\.0)?pt|15px|5px 0)|padding-top", re.IGNORECASE)
_CONTAINERS = re.compile(
    r"(?:^|\s)(?:gmail_quote|gmail_quote_container|yahoo_quoted|moz-cite-prefix|protonmail_quote|zmail_extra|tutanota_quote|"
    r"mail_android_quote|iosymail|bloop_original_html|quoted-mail|hcb_quote|freebirdFormviewerViewQuote|x_gmail_quote|"
    r"front-blockquote|front_quote|missive_quote|mailpilot_quote|OutlookMessageHeader)(?:\s|$)"
)
_CONTAINER_IDS = re.compile(
    r"^(?:x_)*(?:OLK_SRC_BODY_SECTION|mail-editor-reference-message-container|yahoo_quoted_\d+|isReplyContent|"
    r"reply-intro|reply_intro)$"
)
_FORWARDS = re.compile(r"(?:^|\s)(?:moz-forward-container|isForwardContent)(?:\s|$)")
_CUTS = re.compile(
    r"^(?:x_)*(?:divRplyFwdMsg|appendonsend|stopSpelling|ms-outlook-mobile-body-separator-line|divtagdefaultwrapper_quote)$"
)
_SIGNATURES = re.compile(
    r"(?:^|\s)(?:gmail_signature|moz-signature|protonmail_signature_block|protonmail_signature_block-user|AppleMailSignature|"
    r"ms-outlook-mobile-signature|WebmailSignature|elementToProof_signature|yahoo-signature)(?:\s|$)"
)


@dataclass(slots=True)
class Lines:
    lines: list[str] = field(default_factory=list)
    quoted: list[bool] = field(default_factory=list)
    forward: bool = False
    """The markup says: a forwarded mail is inside."""


@dataclass(slots=True)
class _State:
    out: Lines = field(default_factory=Lines)
    buffer: list[str] = field(default_factory=list)
    depth: int = 0
    plain_quotes: int = 0
    cut: bool = False
    pre: int = 0
    opened: set[int] = field(default_factory=set)
    indented: set[int] = field(default_factory=set)

    def add(self, text: str | None) -> None:
        if not text:
            return
        if self.pre:
            first, *rest = text.split("\n")
            self.buffer.append(first)
            for line in rest:
                self.line()
                self.buffer.append(line)
            return
        text = _SPACES.sub(" ", text)
        if text != " " or self.buffer:
            self.buffer.append(text)

    def line(self, *, force: bool = False) -> None:
        """End the line; `force` keeps it though it is empty."""
        text = "".join(self.buffer)
        text = text.rstrip() if self.pre else re.sub(r" {2,}", " ", text).strip()
        self.buffer.clear()
        if not text and not (force or self.pre):
            return
        self.out.lines.append("> " * min(self.plain_quotes, 5) + text if text else text)
        self.out.quoted.append(bool(self.depth or self.cut))

    def gap(self) -> None:
        if self.out.lines and self.out.lines[-1]:
            self.out.lines.append("")
            self.out.quoted.append(bool(self.depth or self.cut))


def lines_of(html: str) -> Lines:
    """Readable lines of a mail's HTML. Never raises."""
    tree = _tree(html[:MAX_HTML])
    state = _State()
    if tree is not None:
        _walk(tree, state)
        state.line()
    return state.out


def _tree(html: str) -> etree._Element | None:
    data = html.encode("utf-8", "replace")
    if not data.strip():
        return None
    try:
        return etree.fromstring(data, etree.HTMLParser(**_PARSER_OPTIONS))
    except (etree.XMLSyntaxError, etree.ParserError, ValueError):
        return None


def _walk(tree: etree._Element, state: _State) -> None:
    walker = etree.iterwalk(tree, events=("start", "end"))
    for event, element in walker:
        tag = element.tag
        if event == "start":
            if (
                not isinstance(tag, str)
                or tag in _SKIPPED
                or _HIDDEN.search(element.get("style", ""))
            ):
                walker.skip_subtree()
                continue
            _open(element, tag, state)
            state.add(element.text)
        else:
            if isinstance(tag, str) and tag not in _SKIPPED:
                _close(element, tag, state)
            state.add(element.tail)


def _open(element: etree._Element, tag: str, state: _State) -> None:
    if tag == "br":
        state.line(force=True)
    elif tag == "img":
        _image(element, state)
    elif tag in _BLOCKS:
        state.line()
        if tag in _PARAGRAPHS:
            state.gap()
    elif tag in _CELLS:
        state.add(" ")
    _quote(element, tag, state)
    if tag == "li":
        state.add("- ")
    elif tag == "pre":
        state.pre += 1


def _close(element: etree._Element, tag: str, state: _State) -> None:
    if tag in _BLOCKS:
        state.line()
        if tag in _PARAGRAPHS:
            state.gap()
    if tag == "pre":
        state.pre = max(0, state.pre - 1)
    key = id(element)
    if key in state.opened:
        state.line()
        state.opened.discard(key)
        state.depth -= 1
    if key in state.indented:
        state.indented.discard(key)
        state.plain_quotes -= 1


def _image(element: etree._Element, state: _State) -> None:
    alt = (element.get("alt") or "").strip()
    if alt and element.get("width") != "1":
        state.add(alt if len(alt) <= 8 else f"[{alt[:100]}]")


def _quote(element: etree._Element, tag: str, state: _State) -> None:
    marks = element.get("class", "")
    identity = element.get("id", "")
    style = element.get("style", "")
    if _FORWARDS.search(marks) or _FORWARDS.search(identity):
        state.out.forward = True
    if _CUTS.match(identity) or _is_border(tag, style, element):
        state.line()
        state.cut = True
    elif tag == "blockquote" and not _is_cited(element, marks):
        state.plain_quotes += 1
        state.indented.add(id(element))
    elif (
        tag == "blockquote"
        or _CONTAINERS.search(marks)
        or _CONTAINER_IDS.match(identity)
        or _SIGNATURES.search(marks)
        or _SIGNATURES.search(identity)
        or (tag == "div" and element.get("name") in ("quote", "messageReplySection"))
    ):
        state.line()
        state.depth += 1
        state.opened.add(id(element))


def _is_cited(element: etree._Element, marks: str) -> bool:
    return (
        element.get("type") == "cite"
        or bool(_CONTAINERS.search(marks))
        or element.get("cite") is not None
    )


def _is_border(tag: str, style: str, element: etree._Element) -> bool:
    """Outlook's line above From/Sent/To/Subject."""
    if tag == "hr" and element.get("tabindex") == "-1":
        return True
    return tag == "div" and bool(style) and bool(_BORDER.search(style) and _PADDING.search(style))
