"""Pages of supervisors and of the record."""
