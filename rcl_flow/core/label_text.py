"""Labels as a person reads them in a sentence or a table."""


def visible_label(label: str) -> str:
    """Return the label, in quotation marks where its spaces would be overlooked.

    `scratch ` and `scratch` are two labels, and look like one.
    """
    return label if label == " ".join(label.split()) and label else repr(label)
