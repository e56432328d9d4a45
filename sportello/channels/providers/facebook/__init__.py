"""Facebook: comments, visitors' posts, mentions and recommendations on a page."""

from sportello.channels.providers.facebook.provider import provider

__all__ = ["provider"]
