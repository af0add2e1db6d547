"""A file of somebody whose role is for some townships only: compared with what lies there, and with nothing else."""
