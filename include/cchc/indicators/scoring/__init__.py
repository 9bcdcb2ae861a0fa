"""Points of an index (Bộ chỉ số 766) from counts: the rules are data, the arithmetic is here."""
