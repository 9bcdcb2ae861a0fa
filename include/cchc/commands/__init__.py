"""The groups of `cchc`: one module per subject, each thin over the room that does the work."""
