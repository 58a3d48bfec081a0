"""What the unit, districts and stations do with cases."""
