"""Made tiplines: seeded, invented, harmless. Shared by the demo, the tests and the benchmarks.

`world` decides what is reported, `reports.MadeReport` is the value in between, one writer per
format turns it into bytes, `dispatch` packs them. No person, account, address or file is real.
"""
