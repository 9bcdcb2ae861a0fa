"""Printed forms that units fill in: of which days they are, which rows stand below which, and what these state."""
