"""Copies that training images lack: which, made how, and where they come from."""
