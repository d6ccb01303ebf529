"""The notations that legacy requests are found in, one module each."""
