"""Train, judge and safely run Amazon Rekognition Custom Labels models from one YAML file."""

__version__ = "0.1.0"
