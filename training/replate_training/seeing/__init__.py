"""What a person sees of a training: progress, previews, curves, the record, the certificate."""
