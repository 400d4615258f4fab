"""The exact, slow light that the generator `light` learns from: lenses, film and air as physics has them."""
