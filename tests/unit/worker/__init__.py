"""Tests of the door for AWS Lambda."""
