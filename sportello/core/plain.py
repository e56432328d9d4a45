"""Text as PostgreSQL can keep it."""


def storable(text: str) -> str:
    """Without NUL and without halves of surrogate pairs, which JSON and mails may carry."""
    text = text.replace("\x00", "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
