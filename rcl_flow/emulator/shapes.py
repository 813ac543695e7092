"""The JSON type that requests, answers and manifest lines are made of."""

from typing import Any

JsonObject = dict[str, Any]
"""One JSON object; its members are checked at the wire, against the service's model."""
