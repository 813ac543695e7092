"""A whole run with everybody told: by chat, webhook, topic and bus, in JSON, and no secret out."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from rcl_flow.emulator.sessions import isolated_session
from tests.e2e.bench import Bench
from tests.unit.integrations.receiver import Receiver, receiving
from tests.unit.report.figures import families_of

TOLD = ["Training Finished", "Run Succeeded"]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server that takes what is posted."""
    with receiving() as server:
        yield server


def leaks(bench: Bench, receiver: Receiver, *texts: str) -> list[str]:
    """Return where the address of the receiver is to be found, in files or in texts."""
    secret = receiver.url.rsplit("/", 1)[1]
    port = receiver.url.split("/")[2]
    files = [path for path in bench.folder.rglob("*") if path.is_file()]
    read = {str(path): path.read_bytes().decode("latin-1") for path in files}
    read |= {f"text {number}": text for number, text in enumerate(texts)}
    return [name for name, text in read.items() if secret in text or port in text]


def test_everybody_is_told_and_the_address_is_in_no_file_and_no_line(
    bench: Bench, receiver: Receiver
) -> None:
    """The address is read from the environment, and neither store, report nor log has it."""
    bench.start_emulator()
    endpoint = bench.handle.endpoint_url
    topic = isolated_session("us-east-1").client("sns", endpoint_url=endpoint)
    arn = topic.create_topic(Name="alerts")["TopicArn"]
    bench.write_config(
        {
            "notifications": {
                "sns_topic_arn": arn,
                "event_bus": "default",
                "slack": "env:RCL_CHAT",
                "webhook": "env:RCL_HOOK",
            },
            "metrics": {"format": "openmetrics"},
        }
    )
    ended = bench.run(
        *("run", "config.yaml", "--json", "--log-format", "json"),
        RCL_CHAT=receiver.url,
        RCL_HOOK=receiver.url,
    )
    assert ended.code == 0, ended.stderr
    outcome = ended.document
    chats = [each["text"] for each in receiver.documents if set(each) == {"text"}]
    assert [chat.splitlines()[0] for chat in chats] == [f"*{title}*: digits" for title in TOLD]
    assert outcome["artifacts"]["report_html"] in chats[1]
    hooks = [each for each in receiver.documents if "kind" in each]
    assert [each["title"] for each in hooks] == TOLD
    assert hooks[1]["details"]["holdout_f1"] == outcome["holdout"]["f1"]
    assert "was not told" not in ended.stderr  # topic and bus neither
    assert leaks(bench, receiver, ended.stdout, ended.stderr) == []
    require_json_log(ended.stderr, outcome["run_id"])
    metrics = bench.workspace / "runs" / outcome["run_id"] / "metrics.txt"
    families = families_of(metrics.read_text())
    (sample,) = families["rcl_flow_holdout_f1_ratio"].samples
    assert sample.value == outcome["holdout"]["f1"]
    assert families["rcl_flow_inference_images"].samples[0].value == 60


def require_json_log(stderr: str, run_id: str) -> None:
    """Make sure that every line is an object, and that those of the run name it."""
    lines: list[dict[str, Any]] = [json.loads(line) for line in stderr.splitlines()]
    opened = next(n for n, line in enumerate(lines) if line["event"] == "run-opened")
    assert {(line["run_id"], line["attempt"]) for line in lines[opened:]} == {(run_id, 1)}
    steps = [line["step"] for line in lines if line["event"] == "step-finished"]
    assert steps[-1] == "compare and decide"
    assert not [line for line in lines if line["level"] == "error"]


def test_chat_that_is_broken_costs_a_notice_and_no_more(bench: Bench, receiver: Receiver) -> None:
    """The run is done and exits 0; the line that says so does not say where the chat is."""
    receiver.statuses = [403] * 9
    bench.write_config({"notifications": {"slack": "env:RCL_CHAT"}})
    ended = bench.run("run", "config.yaml", "--json", RCL_CHAT=receiver.url)
    assert ended.code == 0, ended.stderr
    notices = [line for line in ended.stderr.splitlines() if "notifications.slack" in line]
    assert notices == [
        "note  notifications.slack was not told of training-finished: it answered HTTP 403."
    ]
    assert leaks(bench, receiver, ended.stdout, ended.stderr) == []
