"""Routes of whoever looks after others' work: red flags, self-checks, doubts given out; and the files' empty forms."""
