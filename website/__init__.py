"""The documentation site: pages in their order, generated reference, pictures of real runs."""
