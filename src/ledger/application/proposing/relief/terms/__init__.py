"""How a list's row becomes the terms of an enrolment: its amount, the care that is paid, and what is only restated."""
