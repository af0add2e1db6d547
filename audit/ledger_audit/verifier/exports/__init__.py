"""Files that an operator exported for other programs, as far as a stranger can check them."""
