"""One module per kind of source, one contract: a connector yields records in the source's own vocabulary.

`connector` says what a connector is, `registry` builds one, `door` decides what of a record may come in.
"""
