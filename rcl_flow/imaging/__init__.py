"""Decoding and measuring pixels: the only room for the image libraries."""
