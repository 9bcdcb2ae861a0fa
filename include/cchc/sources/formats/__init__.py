"""How the texts of foreign systems are read, strictly: JSON, XML messages, workbooks, headings."""
