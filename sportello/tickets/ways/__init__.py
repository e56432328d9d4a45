"""By which channel a customer can be answered: until when, at what price, what fits through, and going on elsewhere."""
