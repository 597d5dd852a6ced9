"""Makes pages of handwriting with exact boxes, from our own digits and, where they are at hand, recorded ones.

Owns ink, papers, layouts and the camera. Needs numpy, OpenCV and Pillow; knows nothing of torch or of files on disk.
"""
