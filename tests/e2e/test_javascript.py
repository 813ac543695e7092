"""The JavaScript SDK works against the emulator as against AWS."""

import pytest

from rcl_flow.emulator.settings import EmulatorSettings
from rcl_flow.emulator.testing import running_emulator
from tests.e2e.bench import Bench
from tests.e2e.javascript import needs_javascript, run_script


@needs_javascript
def test_javascript_trains_starts_detects_and_stops(bench: Bench) -> None:
    """Project, datasets, training, start, detection and stop, with the SDK's own waiters."""
    with running_emulator(EmulatorSettings()) as box:
        data = str(bench.folder / "data")
        report = run_script("train.mjs", bench.folder, box.environment, data)
        running = box.running_models()
        (bill,) = box.meter()["versions"].values()
    assert report["f1"] > 0.8
    assert report["duplicate"] is True
    assert report["notReady"] is True
    assert report["byBytes"][0]["Name"] == report["truth"]
    assert report["byBytes"] == report["byReference"]
    confidences = [each["Confidence"] for each in report["byBytes"]]
    assert sum(confidences) == pytest.approx(100, abs=0.01)
    assert report["status"] == "STOPPED"
    assert running == []
    assert bill["inference_unit_seconds"] > 0
