"""What really learns: features, regression, calibration, and the judgement on test images."""
