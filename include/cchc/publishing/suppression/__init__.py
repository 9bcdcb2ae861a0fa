"""Small counts of people's records are withheld from the public, and whatever would tell them: docs/adr/0030."""
