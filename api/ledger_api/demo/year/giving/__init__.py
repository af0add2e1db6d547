"""The charity's year: a gala with its pledges, an appeal for a neighbour in a flood, goods, and what was passed on.

`gifts` is what was given, `files` how the office shows it, `acts` what the charity decided itself.
"""
