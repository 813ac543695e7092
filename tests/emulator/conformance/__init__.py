"""What the conformance tests compare the emulator with: botocore's model, and tables of causes."""
