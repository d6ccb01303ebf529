"""Functions that the model calls: by hand, or by a loop in the file."""
