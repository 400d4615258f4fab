"""What trainings are fed with: plates, pairs, pictures of a look, hints, noise; each recipe's data begins here."""
