"""To be exported."""
