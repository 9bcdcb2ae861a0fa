"""Who is told what, once: the night's digest per recipient, and the outbox that sends it."""
