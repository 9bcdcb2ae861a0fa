"""Benchmarks: what a night and a period cost, against references of the same run. See docs/benchmarks.md."""
