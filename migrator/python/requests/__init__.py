"""What a call site asks for: the structures that its request names, and what they become."""
