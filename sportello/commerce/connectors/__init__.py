"""One folder per kind of shop. They know the contract and the guarded client: no Django, no models, not each other."""
