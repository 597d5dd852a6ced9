"""The canvas: shows one page with its boxes and turns pointer gestures into finished changes. Knows neither project nor database."""
