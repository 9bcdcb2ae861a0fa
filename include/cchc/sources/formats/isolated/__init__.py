"""What runs in the reading process: it opens one foreign workbook and hands over cells. It imports no other room."""
