"""Labeler: students' handwriting in, a better digit detector out."""

__version__ = "0.1.0"
