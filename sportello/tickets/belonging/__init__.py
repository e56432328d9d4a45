"""Whether a message belongs to an earlier ticket of the same contact: signs, weighed, and what follows."""
