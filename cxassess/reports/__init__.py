"""A team's result as pages that people read."""
