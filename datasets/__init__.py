"""Data of fictional companies for the lessons, and the generator that made it."""
