"""The vendors: what each one offers, how to read it, how to write it, and its sandbox."""
