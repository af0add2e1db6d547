"""How faults are told: each once, at the cell, row or sheet where the user finds it, in the file's own words.

Rules and events speak of their own fields and of references; here those become the columns of the file (`columns.py`),
their cells (`places.py`) and names that the file uses (`names.py`). Start at `teller.py`.
"""
