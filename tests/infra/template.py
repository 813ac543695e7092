"""The template of the deployment, read as CloudFormation does."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
TEMPLATE = ROOT / "infra" / "template.yaml"


class _Loader(yaml.SafeLoader):
    """Reads `!Ref x` as {"Ref": x}, and the other short forms alike."""


def _construct(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    if isinstance(node, yaml.ScalarNode):
        value: Any = loader.construct_scalar(node)
    elif isinstance(node, yaml.SequenceNode):
        value = loader.construct_sequence(node, deep=True)
    else:
        assert isinstance(node, yaml.MappingNode)
        value = loader.construct_mapping(node, deep=True)
    if suffix == "GetAtt" and isinstance(value, str):
        value = value.split(".", 1)
    return {suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}": value}


_Loader.add_multi_constructor("!", _construct)


@cache
def template() -> dict[str, Any]:
    """Return the whole template."""
    loaded = yaml.load(TEMPLATE.read_text(), Loader=_Loader)  # noqa: S506  # a safe loader
    assert isinstance(loaded, dict)
    return loaded


def only_resource(kind: str) -> dict[str, Any]:
    """Return the properties of the template's only resource of that type."""
    found = [each for each in template()["Resources"].values() if each["Type"] == kind]
    assert len(found) == 1, kind
    properties = found[0]["Properties"]
    assert isinstance(properties, dict)
    return properties


def state_machine() -> dict[str, Any]:
    """Return the definition of the driver, as it stands in the template."""
    definition = only_resource("AWS::StepFunctions::StateMachine")["Definition"]
    assert isinstance(definition, dict)
    return definition
