"""What several tests need: pictures, handwriting with true boxes, the command line, and the watch for what a test leaves behind."""
