"""Reviews of an app on Google Play."""

from sportello.channels.providers.google_play.provider import GooglePlay

provider = GooglePlay()
