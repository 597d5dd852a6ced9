"""How the reader of strokes was made: prompted strings out of single digits, and the fit. Nothing here runs in the app."""
