"""A shop's counter: people who walk in. An agent writes down what they say."""

from sportello.channels.providers.counter.provider import Counter

provider = Counter()
