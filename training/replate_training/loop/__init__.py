"""The loop that trains every recipe: sessions, the trainer, what learns, and what happens when something goes wrong."""
