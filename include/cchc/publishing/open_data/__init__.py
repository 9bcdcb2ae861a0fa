"""The numbers of a release as open data: CSV, Parquet, JSON, and what describes them."""
