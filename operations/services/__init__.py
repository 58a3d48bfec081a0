"""What supervisors do with operations."""
