"""Training of Replate's generators: data, teachers, networks, objectives, the trainer and its recipes."""
