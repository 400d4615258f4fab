"""What the panel edits and keeps: a document with its history, presets, queue, painting. Plain Python, no Qt."""
