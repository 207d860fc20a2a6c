"""Claims, pricing and reserves run through generated worlds."""
