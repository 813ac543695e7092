"""The pure core: decisions from frozen values to frozen values, without I/O or clock."""
