"""Dialogs: each asks or tells one thing and changes nothing by itself."""
