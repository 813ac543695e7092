"""Labelled data: audited, linted, converted, split, augmented, and turned into a first config."""
