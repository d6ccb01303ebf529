"""Where a reply goes, and what is read of it: the same is read of an interaction."""
