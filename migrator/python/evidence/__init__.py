"""What a file shows: its tree, what names refer to, what kind of thing and which value an expression holds."""
