"""What stands where something is removed: background that other frames show, and what is made up for the rest."""
