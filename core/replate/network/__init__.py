"""ONNX files as things to run: loading, the fused graph, tiles, devices."""
