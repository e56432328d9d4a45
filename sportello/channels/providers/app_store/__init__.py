"""Reviews of an app on Apple's App Store."""

from sportello.channels.providers.app_store.provider import AppStore

provider = AppStore()
