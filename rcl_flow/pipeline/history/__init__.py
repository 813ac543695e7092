"""What a workspace knows of its past: the runs, and which model is the champion."""
