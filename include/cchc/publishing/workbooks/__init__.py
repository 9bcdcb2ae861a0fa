"""What officers open in a spreadsheet: official forms, index 766, document registers, rows to correct."""
