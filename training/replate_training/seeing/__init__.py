"""What a person sees of a training: previews, curves, the record, the certificate."""
