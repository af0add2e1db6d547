"""What is wrong in the year on purpose: findings that the ledger must make by itself, from files like any other.

`rolls` puts it into the lists of people, `cast` says who, `lists` and `sheets` write what other offices bring, `play`
is how the bureau goes about it, `control` counts what must be found. No event is made by hand.
"""
