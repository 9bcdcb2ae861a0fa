"""How a workbook is refused."""

from __future__ import annotations


class Refusal(Exception):
    """The workbook will not be read; the text says why and quotes nothing of it."""
