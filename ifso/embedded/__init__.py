"""A PostgreSQL and a Redis-protocol server of our own, for demo, tests and benchmarks only.

Production uses servers that its host runs: see `docker-compose.yml`. Nothing here is imported by
the application. Linux and macOS; on Linux the kernel ends every child when its parent dies.
"""
