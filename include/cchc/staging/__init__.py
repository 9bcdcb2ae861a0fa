"""From a source's vocabulary to canonical, typed rows: what cannot be read is null and named, never guessed."""
