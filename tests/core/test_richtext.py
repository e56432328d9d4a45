"""HTML from strangers: nothing runs, nothing loads, nothing is lost that was harmless."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sportello.core.richtext import PLACEHOLDER, clean, clean_outgoing, text_of

PAYLOADS = [
    "<script>alert(1)</script>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<img src=x onerror=alert(1)>",
    "<img src='x' onerror = \"alert(1)\" / >",
    "<svg onload=alert(1)><animate onbegin=alert(1)></svg>",
    "<svg><style><img title='</style><img src onerror=alert(1)>'></style></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav&#x09;ascript:alert(1)'>x</a>",
    "<a href='\x01javascript:alert(1)'>x</a>",
    "<a href='JaVaScRiPt&colon;alert(1)'>x</a>",
    "<a href='data:text/html;base64,PHNjcmlwdD4='>x</a>",
    "<a href='vbscript:msgbox(1)'>x</a>",
    "<img src='data:image/svg+xml;base64,PHN2Zz4='>",
    "<img src='data:text/html,<script>alert(1)</script>'>",
    "<iframe src='https://evil.example'></iframe>",
    "<iframe srcdoc='<script>alert(1)</script>'></iframe>",
    "<form action='/logout'><input name=a><button formaction='//evil'>x</button></form>",
    "<style>@import url(https://evil.example/a.css)</style>",
    "<div style='background:url(https://evil.example/a.png)'>x</div>",
    "<div style='background:u\\72l(https://evil.example/a.png)'>x</div>",
    "<div style='width:expression(alert(1))'>x</div>",
    "<div style='position:fixed;top:0;left:0;width:100%;height:100%'>x</div>",
    "<div style='color:var(--secret)'>x</div>",
    "<meta http-equiv=refresh content='0;url=https://evil.example'>",
    "<base href='https://evil.example/'>",
    "<link rel=stylesheet href='https://evil.example/a.css'>",
    "<object data='x'><embed src='x'></object>",
    "<video src=x onerror=alert(1)><source src=x></video>",
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\"></noscript>",
    "<template><script>alert(1)</script></template>",
    "<xmp><img src=x onerror=alert(1)></xmp>",
    "<textarea></textarea><script>alert(1)</script>",
    "<img src='//evil.example/x.png'>",
    "<img src='../logout'>",
    "<img src='/api/v1/tickets'>",
    "<a href='/app/logout'>x</a>",
    "<p id=app class=btn>x</p>",
    "<img data-remote-src='javascript:alert(1)' src='x'>",
    "<img srcset='https://evil.example/x 2x' src='x'>",
    "<!--<img src=\"--><img src=x onerror=alert(1)//\">",
    "<a href=\"https://x.example\" target=_blank rel=opener>x</a>",
    "<b\x00><scr\x00ipt>alert(1)</scr\x00ipt>",
    "<details open ontoggle=alert(1)>x</details>",
    "<marquee onstart=alert(1)>x</marquee>",
    "<isindex action=javascript:alert(1)>",
    "<table background='https://evil.example/x.png'><td background='javascript:alert(1)'>x</table>",
]  # fmt: skip

_TAG = re.compile(r"<[^>]*>")
_HANDLER = re.compile(r"\son[a-z]+\s*=", re.IGNORECASE)
_NEVER = re.compile(
    r"<\s*/?\s*(?:script|style|svg|math|iframe|form|input|button|object|embed|meta|base|link|video|template|xmp)\b",
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(r'\s([a-z-]+)="([^"]*)"')


def harmless(html: str) -> bool:
    for tag in _TAG.findall(html):
        bare = re.sub(r'"[^"]*"', '""', tag)
        if _HANDLER.search(bare) or _NEVER.search(tag):
            return False
        for name, value in _ATTRIBUTE.findall(tag):
            if name in ("id", "class", "srcset", "background", "action", "formaction"):
                return False
            if name == "href" and not value.startswith(("http://", "https://", "mailto:", "tel:")):
                return False
            if name == "src" and not value.startswith(("data:image/", "https://files.example/")):
                return False
            if name == "style" and re.search(
                r"url|\\|var\(|expression|position", value, re.IGNORECASE
            ):
                return False
    return True


@pytest.mark.parametrize("payload", PAYLOADS)
def test_nothing_that_acts_survives(payload: str) -> None:
    assert harmless(clean(payload).html)
    assert harmless(clean(clean(payload).html).html)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_cleaning_twice_changes_nothing(payload: str) -> None:
    once = clean(payload)
    assert clean(once.html) == once
    assert clean_outgoing(clean_outgoing(payload)) == clean_outgoing(payload)


@given(st.lists(st.sampled_from(PAYLOADS), max_size=4), st.text(max_size=60))
@settings(max_examples=150, deadline=None)
def test_payloads_in_any_company_stay_harmless(payloads: list[str], text: str) -> None:
    html = text.join(payloads) + text
    once = clean(html)
    assert harmless(once.html)
    assert clean(once.html) == once


def test_a_remote_image_waits_with_its_address() -> None:
    cleaned = clean('<p>Hi <img src="https://pics.example/a.png?x=1&amp;y=2" alt="A"></p>')
    assert cleaned.remote_images == 1
    assert 'data-remote-src="https://pics.example/a.png?x=1&amp;y=2"' in cleaned.html
    assert f'src="{PLACEHOLDER}"' in cleaned.html
    assert 'alt="A"' in cleaned.html


def test_an_inline_image_gets_the_stored_files_address() -> None:
    known = {"Part1@x": "https://files.example/k1"}
    cleaned = clean('<img src="cid:part1@X"><img src="cid:unknown">', cid=known)
    assert 'src="https://files.example/k1"' in cleaned.html
    assert "cid:" not in cleaned.html
    assert cleaned.remote_images == 0
    assert clean(cleaned.html, cid=known) == cleaned


def test_own_files_may_have_a_relative_address_and_nothing_else_may() -> None:
    cleaned = clean(
        '<img src="cid:a"><img src="/app/logout"><a href="/x">x</a>', cid={"a": "/files/k1"}
    )
    assert 'src="/files/k1"' in cleaned.html
    assert "logout" not in cleaned.html
    assert "href" not in cleaned.html


def test_harmless_formatting_stays() -> None:
    html = '<p style="color: red; margin-left: 4px">Ciao <b>Anna</b></p><table><tbody><tr><td bgcolor="#eee">1</td></tr></tbody></table>'
    cleaned = clean(html).html
    assert "color:red" in cleaned.replace(" ", "")
    assert "<b>Anna</b>" in cleaned
    assert 'bgcolor="#eee"' in cleaned


def test_links_never_hand_over_the_window() -> None:
    assert (
        'rel="noopener noreferrer nofollow ugc"' in clean('<a href="https://x.example">x</a>').html
    )


def test_text_keeps_paragraphs_lists_and_breaks() -> None:
    html = "<style>p{}</style><p>Buongiorno&nbsp;Anna,</p><p>due<br>righe</p><ul><li>uno</li><li>due</li></ul>"
    assert text_of(html) == "Buongiorno Anna,\n\ndue\nrighe\n\n- uno\n- due"


def test_text_of_markup_that_looks_like_markup_stays_text() -> None:
    assert text_of("<p>a &lt;b&gt; c</p>") == "a <b> c"
