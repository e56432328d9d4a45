"""Fax by a gateway that turns faxes into mails and mails into faxes."""

from sportello.channels.providers.fax.provider import Fax

provider = Fax()
