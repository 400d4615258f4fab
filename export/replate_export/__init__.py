"""Turn trained generators into ONNX files that carry their own card."""
