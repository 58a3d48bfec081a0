"""What the database itself allows: roles, rights and row-level security, below every query."""
