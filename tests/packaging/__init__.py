"""What is shipped: the wheel and the sdist, the environments they are installed into, workflows."""
