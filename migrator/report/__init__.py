"""What a run says: one module a format, each a function from outcomes to text or bytes."""
