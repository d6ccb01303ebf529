"""Settings from files: what keys there are, which file holds for which source file, and what wins."""
