"""Doubts that what came later settles: whether what raised one still stands is looked at when it is asked for."""
