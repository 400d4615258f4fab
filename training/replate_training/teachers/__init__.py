"""Classical, slow picture processes that show a generator what to do: ACEScct in, ACEScct out."""
