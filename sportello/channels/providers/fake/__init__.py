"""The provider that tests of the walk use: a messaging app whose vendor is a list in memory."""

from sportello.channels.providers.fake.provider import FakeProvider

provider = FakeProvider()
