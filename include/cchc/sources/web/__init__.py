"""HTTP as connectors need it: one bounded session per source, and lists read page by page."""
