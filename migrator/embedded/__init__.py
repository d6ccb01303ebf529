"""Python code inside other documents: notebooks, Markdown and reStructuredText, read as programs and put back."""
