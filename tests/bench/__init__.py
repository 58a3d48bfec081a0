"""Benchmarks: `./dev bench NAME`. Each prints its figures beside a floor measured in the same
run.
"""
