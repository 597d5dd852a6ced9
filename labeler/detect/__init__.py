"""The Detector seam and its ONNX Runtime implementation."""
