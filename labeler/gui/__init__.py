"""The window: PySide6 and nothing below it knows."""
