"""What a corrected manifest is free of, for tests of the correction and of the page about it."""

ALWAYS_FIXED = frozenset(
    {
        "REPEATED_SOURCE_REF",
        "ERROR_INVALID_BOUNDING_BOX",
        "ERROR_BOUNDING_BOX_TOO_SMALL",
        "ERROR_NO_VALID_ANNOTATIONS",
        "ERROR_MISSING_BOUNDING_BOX_CONFIDENCE",
    }
)
"""Codes of which a fixed manifest has none; of some others it has fewer."""
