"""Python source: parsing, names, values, flow of responses, and writing."""
