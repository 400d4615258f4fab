"""What tells good from bad: lessons and losses while a generator learns, figures on what it has not seen."""
