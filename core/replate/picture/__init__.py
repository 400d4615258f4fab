"""Pictures outside the network: found in a frame, masked, moved, wrapped around a sphere, laid over one another."""
