"""The functions and classes that a rewritten file is given, each written once and only where it is needed."""
