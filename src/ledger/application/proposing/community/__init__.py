"""Registers that state totals: mutual-aid societies and welfare-lottery projects, booked by their increase."""
