"""What there is to migrate, for planning: the calls of every dialect, also of those that are not rewritten."""
