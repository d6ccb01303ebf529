"""The planning of requests: from the neutral records of a legacy request to those of an Interactions request."""
