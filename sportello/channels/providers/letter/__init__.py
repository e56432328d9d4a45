"""Letters: a scanner puts them into a folder."""

from sportello.channels.providers.letter.provider import LetterProvider

provider = LetterProvider()
