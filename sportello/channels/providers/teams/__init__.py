"""Microsoft Teams, for business customers: a bot by the Bot Framework's protocol."""

from sportello.channels.providers.teams.provider import Teams

provider = Teams()
