"""The ways in: the wire protocol, moto, HTTP and the emulator's own control paths."""
