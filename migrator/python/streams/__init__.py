"""What a streamed call becomes."""
