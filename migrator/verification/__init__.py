"""Whether Interactions requests would be taken: by the schema and the rules, and by the service itself."""
