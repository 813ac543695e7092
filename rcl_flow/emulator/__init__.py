"""An emulator of Amazon Rekognition Custom Labels that really trains; it stands on its own."""
