"""One file a format: pixels, yolo, coco, voc, labelme."""
