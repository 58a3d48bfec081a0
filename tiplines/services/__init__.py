"""What officers and workers do with dispatches and tiplines."""
