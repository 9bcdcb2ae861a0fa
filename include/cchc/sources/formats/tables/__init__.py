"""A list under headings, whatever file it stands in: what its columns are, and what among its rows is no record."""
