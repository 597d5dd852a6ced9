"""The use cases, one module each; the only caller of the database."""
