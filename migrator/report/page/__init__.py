"""The parts of the HTML report: markup that is escaped by its type, lines side by side, notes at their lines."""
