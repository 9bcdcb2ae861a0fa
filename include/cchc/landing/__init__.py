"""What came through the door, as delivered: immutable, checksummed files and their manifest. Replay starts here."""
