"""What keeps a change from happening twice, or on another state than it was decided on.

A request that is sent again is answered as before, the same one twice at once waits, and one may say which state it
was decided on.
"""
