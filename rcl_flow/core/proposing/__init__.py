"""What is proposed for labelled images that were looked at, and the first config."""
