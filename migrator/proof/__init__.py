"""A proof by running: a command on the code as it is and on the rewritten code, against the twin, and what differs."""
