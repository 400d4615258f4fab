"""The pages beside the viewer."""
