"""Images divided into train, test and holdout, whole groups at a time."""
