"""`mirror add|pull|status|tables`: many books followed from one desk. Start at `commands`."""
