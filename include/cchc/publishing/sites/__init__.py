"""Copies of releases where people read them: folders and object stores; nothing here is about what a release says."""
