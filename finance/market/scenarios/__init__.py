"""Scenarios: events on paths, views on worlds, episodes of history, and stress in reverse."""
