"""For whoever adds a unit or a vendor: a source tried without storing anything, a profile drafted from a sample."""
