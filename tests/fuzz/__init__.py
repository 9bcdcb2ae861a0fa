"""Coverage-guided fuzzing of every parser of foreign texts; `python -m fuzz --help`, or `make fuzz`."""
