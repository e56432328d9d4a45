"""Visitors of a site's chat, each on a socket: proved first, then heard by the spool and told from the log."""
