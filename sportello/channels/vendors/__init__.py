"""What several providers share: a vendor's cloud, a vendor's shapes. No Django, no models."""
