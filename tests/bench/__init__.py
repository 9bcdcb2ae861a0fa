"""Benchmarks: what one night and one period cost, against references measured in the same run. See docs/benchmarks.md."""
