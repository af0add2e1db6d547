"""Tables of what was found wrong and what became of it: matching, rectification, recoveries, the campaign."""
