"""The addresses under which moto finds the emulated service."""

from rcl_flow.emulator.doors.moto_ext.responses import RclResponse

url_bases = [r"https?://rekognition\.(.+)\.amazonaws\.com"]

url_paths = {"{0}/$": RclResponse.dispatch}
