"""The pages of the window, one module each, with the parts of the larger ones beside them."""
