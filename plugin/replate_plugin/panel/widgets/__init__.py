"""The panel's widgets, each of them thin: it shows a value and says what the user wants."""
