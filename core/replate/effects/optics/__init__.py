"""Light as lenses, film and air spread it: what shines in a picture, and what is added around it."""
