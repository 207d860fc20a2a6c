"""Recommendation, demand and supply run through generated worlds."""
