"""Where registers are kept: folders, servers and buckets, each of them walked and read as one kind of thing."""
