"""What the public functions are given by a program: a wrong type is said where it comes in."""


def require_type(name: str, value: object, kind: type, *, source: str) -> None:
    """Refuse an argument that is no `kind`, before something deep inside stumbles over it.

    Args:
        name: of the argument.
        value: what was given.
        kind: what it has to be.
        source: what gives one, such as `load_config(path)`.

    Raises:
        TypeError: it is of another type.
    """
    if not isinstance(value, kind):
        raise TypeError(
            f"{name} is of type {type(value).__name__}: it has to be {kind.__name__}, as "
            f"`{source}` returns it"
        )
