"""New code in its place: how it is laid out, in the habits of the file, with its comments and imports."""
