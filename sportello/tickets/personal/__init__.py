"""What this room holds of a person, and how it is let go of: erased, or grown old."""
