"""HTML that strangers or agents wrote, made harmless; and as readable text.

Allow-lists only: what is not named is dropped. `clean(clean(x).html).html == clean(x).html`. Rules change by
raising `CLEANER_VERSION`; stored HTML carries the version it was cleaned with.
"""

from sportello.core.richtext.cleaning import PLACEHOLDER, Cleaned, clean, clean_outgoing
from sportello.core.richtext.plain import html_of, text_of
from sportello.core.richtext.rules import CLEANER_VERSION, MAX_HTML

__all__ = [
    "CLEANER_VERSION",
    "MAX_HTML",
    "PLACEHOLDER",
    "Cleaned",
    "clean",
    "clean_outgoing",
    "html_of",
    "text_of",
]
