"""The handlers around a call: what catches and reads the errors of one API does so for the other."""
