"""The recipes: one small file for each look."""
