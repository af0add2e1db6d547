"""Households and who receives for them."""
