"""From files to a trained version: uploads, datasets, and the one paid training."""
