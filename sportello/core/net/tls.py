"""TLS towards other servers: whose certificates are believed, and in words why one is not."""

from __future__ import annotations

import os
import ssl

import httpx2
from django.utils.translation import gettext as _

from sportello.core.net.errors import Unreachable, Untrusted

_EXPIRED, _TOO_EARLY = 10, 9  # OpenSSL's X509_V_ERR_…
_OTHER_NAME = frozenset((62, 64))
_UNKNOWN_SIGNER = frozenset((18, 19, 20, 21))
_NO_TLS = frozenset(("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "PACKET_LENGTH_TOO_LONG"))


def context() -> ssl.SSLContext:
    """The system's authorities, and besides those of the operator's ``SSL_CERT_FILE`` or ``SSL_CERT_DIR``.

    Raises `Unreachable` when these cannot be read.
    """
    made = httpx2.create_ssl_context(trust_env=False)
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        try:
            made.load_verify_locations(file or None, folder or None)
        except OSError as error:
            raise Unreachable(
                _("The authorities in SSL_CERT_FILE or SSL_CERT_DIR cannot be read: %(error)s")
                % {"error": error}
            ) from error
    return made


def failure(host: str, error: ssl.SSLError) -> Untrusted:
    """What is wrong and what to do, as an error to raise."""
    if isinstance(error, ssl.SSLCertVerificationError):
        return Untrusted(_certificate(host, error))
    if error.reason in _NO_TLS:
        return Untrusted(
            _("%(host)s does not speak TLS on this port. Use its port with TLS, or STARTTLS.")
            % {"host": host}
        )
    return Untrusted(_("TLS with %(host)s failed: %(error)s") % {"host": host, "error": error})


def _certificate(host: str, error: ssl.SSLCertVerificationError) -> str:
    code = error.verify_code
    if code == _EXPIRED:
        return _("The certificate of %(host)s has expired: it has to be renewed there.") % {
            "host": host
        }
    if code == _TOO_EARLY:
        return _("The certificate of %(host)s is not valid yet. Is the clock here right?") % {
            "host": host
        }
    if code in _OTHER_NAME:
        return _(
            "The certificate of %(host)s is for another name. Enter the name that the certificate bears."
        ) % {"host": host}
    if code in _UNKNOWN_SIGNER:
        return _(
            "The certificate of %(host)s is signed by itself or by an authority unknown here. "
            "An operator can make the authority known with SSL_CERT_FILE."
        ) % {"host": host}
    return _("The certificate of %(host)s is not believed: %(error)s") % {
        "host": host,
        "error": error.verify_message,
    }
