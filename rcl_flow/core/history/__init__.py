"""A project's runs over time, and what others are told of one."""
