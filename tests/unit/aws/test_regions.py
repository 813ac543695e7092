"""Tests of the list of regions."""

from rcl_flow.aws.regions import rekognition_regions


def test_rekognition_regions_are_those_of_the_service() -> None:
    """The list has the regions that Custom Labels is documented in, each once."""
    regions = rekognition_regions()
    assert {"us-east-1", "eu-west-1", "ap-southeast-2"} <= set(regions)
    assert len(set(regions)) == len(regions)
