"""Terminal only: the commands of `homing`."""
