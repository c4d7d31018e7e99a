"""What commands print and write: text, CSV, JSON and tables, of each kind of task."""
