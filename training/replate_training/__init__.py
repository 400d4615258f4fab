"""Train the generators that Replate's nodes run."""
