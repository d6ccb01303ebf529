"""Rewrites google-genai ``generate_content`` calls into Interactions API calls."""

__version__ = "0.1.0"
