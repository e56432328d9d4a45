"""Run as a program: the words of a PDF on standard input go to standard output, its first pages, as UTF-8.

A process of its own with little memory and time, because what reads documents meets what strangers sent.
"""

from __future__ import annotations

import resource
import sys

MEMORY = 768 * 1024 * 1024
SECONDS = 10
LONGEST = 2_000_000
"""Characters."""


def main(most: int) -> None:
    for limit, value in ((resource.RLIMIT_AS, MEMORY), (resource.RLIMIT_CPU, SECONDS)):
        resource.setrlimit(limit, (value, value))
    content = sys.stdin.buffer.read()
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    room = LONGEST
    for number in range(min(len(document), most)):
        words = document[number].get_textpage().get_text_bounded()[:room]
        sys.stdout.buffer.write(words.encode("utf-8", "replace") + b"\n")
        sys.stdout.buffer.flush()
        room -= len(words)
        if room <= 0:
            return


if __name__ == "__main__":
    main(int(sys.argv[1]))
