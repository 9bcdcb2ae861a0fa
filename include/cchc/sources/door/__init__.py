"""What of a record may come in: the allow-list, the mark of secrecy, and values that look personal."""
