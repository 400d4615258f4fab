"""What is done and who does it: the manifest beside the frames, locks, what several processes share."""
