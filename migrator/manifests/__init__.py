"""What a project says about the google-genai that it is installed with, and whether rewritten code runs with that."""
