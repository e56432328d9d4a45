"""What should not lie about in clear: covered on the way in, kept apart, shown to few, let go of in time."""
