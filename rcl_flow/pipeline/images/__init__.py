"""Images: found, read, and measured once for each content."""
