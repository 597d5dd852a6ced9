"""The training worker, its launcher and the event protocol."""
