"""Reviews of a company on Trustpilot."""

from sportello.channels.providers.trustpilot.provider import Trustpilot

provider = Trustpilot()
