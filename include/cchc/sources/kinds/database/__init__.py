"""The kind `database`: a table or view of a vendor's database, read only, in one snapshot."""
