"""How long a test goes on: as long as a change can wait for it, or as long as a night (`make soak`)."""

from hypothesis import settings


def rounds(usual: int, soak: int) -> int:
    """How many of something."""
    return soak if settings.get_current_profile_name() == "soak" else usual
