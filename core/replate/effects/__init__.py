"""Fire and smoke as functions of place, time and seed: how they move, what they carry, the light they give."""
