"""Tests of the server, in this process but over HTTP."""

import http.client
import io
import json
import threading
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config

from rcl_flow.emulator.conditions.clock import ManualClock
from rcl_flow.emulator.conditions.executors import BackgroundExecutor
from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.errors import EmulatorStartError
from rcl_flow.emulator.serve import RunningServer, running_server
from rcl_flow.emulator.settings import EmulatorSettings, parse_settings
from tests.emulator.builders import BUCKET, Aws, png, refused

# what the emulator reads of a signature: whose it is, and for which service and region
SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 "
    "Credential=AKIAEMULATOREMULATOR/20260101/us-east-1/s3/aws4_request, Signature=0"
}
FAST = EmulatorSettings(idle_timeout_seconds=0)


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    """Serve a world in which each state in progress is shown once."""
    with running_server(FAST, world=World()) as running:
        yield running


@pytest.fixture(scope="module")
def module_clients(server: RunningServer, session: boto3.Session) -> Iterator[dict[str, Any]]:
    """Return clients of the server."""
    config = Config(retries={"total_max_attempts": 1}, parameter_validation=False)
    url = server.ready.endpoint_url
    made = {
        name: session.client(name, endpoint_url=url, config=config)
        for name in ("s3", "rekognition", "sts", "cognito-idp")
    }
    yield made
    for client in made.values():
        client.close()


@pytest.fixture
def remote(server: RunningServer, module_clients: dict[str, Any]) -> Iterator[Aws]:
    """Return clients of a server that was emptied, with one bucket."""
    control(server, "POST", "reset")
    module_clients["s3"].create_bucket(Bucket=BUCKET)
    rekognition = module_clients["rekognition"]
    yield Aws(module_clients["s3"], rekognition, rekognition, server.world)


def control(server: RunningServer, method: str, path: str, body: object = None) -> dict[str, Any]:
    """Ask a control path and return the document."""
    status, document = raw(server, method, f"/rcl-emulator/{path}", body)
    assert status == 200, document
    found: dict[str, Any] = document
    return found


def raw(
    server: RunningServer, method: str, path: str, body: object = None, **headers: str
) -> tuple[int, Any]:
    """Send a plain request and return the status and the JSON document."""
    connection = http.client.HTTPConnection(urlsplit(server.ready.endpoint_url).netloc, timeout=10)
    try:
        content = None if body is None else json.dumps(body)
        connection.request(method, path, content, headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_life_cycle_over_http(remote: Aws) -> None:
    """A project is trained, run, asked, stopped and deleted through the server."""
    project, version = remote.running()
    found = remote.rekognition.detect_custom_labels(
        ProjectVersionArn=version, Image={"Bytes": png("green", 7)}, MinConfidence=0
    )
    assert found["CustomLabels"][0]["Name"] == "green"
    remote.rekognition.stop_project_version(ProjectVersionArn=version)
    assert remote.status_of(project) == "STOPPED"
    remote.rekognition.delete_project_version(ProjectVersionArn=version)


def test_refusal_over_http_is_a_typed_error(remote: Aws) -> None:
    """boto3 knows the refusal's class."""
    remote.project("p")
    with pytest.raises(remote.rekognition.exceptions.ResourceInUseException):
        remote.rekognition.create_project(ProjectName="p")


def test_s3_over_http(remote: Aws) -> None:
    """Odd keys, big files, ranges, metadata, listings and missing keys work as in S3."""
    s3, key = remote.s3, "a b/ü+x=1.bin"
    s3.upload_fileobj(io.BytesIO(b"x" * 9_000_000), BUCKET, key)
    head = s3.head_object(Bucket=BUCKET, Key=key)
    assert head["ContentLength"] == 9_000_000
    part = s3.get_object(Bucket=BUCKET, Key=key, Range="bytes=5-9")
    assert part["Body"].read() == b"xxxxx"
    s3.put_object(Bucket=BUCKET, Key="m", Body=b"", Metadata={"my_key": "v"})
    assert s3.head_object(Bucket=BUCKET, Key="m")["Metadata"] == {"my_key": "v"}
    assert [o["Key"] for o in s3.list_objects_v2(Bucket=BUCKET)["Contents"]] == [key, "m"]
    assert refused(s3.get_object, Bucket=BUCKET, Key="nope")[0] == "NoSuchKey"
    assert refused(s3.head_object, Bucket=BUCKET, Key="nope")[0] == "404"


def test_presigned_url_needs_no_header(remote: Aws) -> None:
    """The scope of a presigned URL is read from its query."""
    remote.s3.put_object(Bucket=BUCKET, Key="k", Body=b"body")
    url = remote.s3.generate_presigned_url("get_object", Params={"Bucket": BUCKET, "Key": "k"})
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # our own server's
        assert answer.read() == b"body"


def test_chunked_body_is_read(remote: Aws, server: RunningServer) -> None:
    """A client may send its body in chunks, on a connection that it goes on using."""
    connection = http.client.HTTPConnection(urlsplit(server.ready.endpoint_url).netloc, timeout=10)
    try:
        chunks = iter([b"one ", b"two"])
        connection.request("PUT", f"/{BUCKET}/k", chunks, SIGNED, encode_chunked=True)
        assert connection.getresponse().read() == b""
        connection.request("GET", f"/{BUCKET}/k", headers=SIGNED)
        assert connection.getresponse().read() == b"one two"
    finally:
        connection.close()


def test_other_services_come_from_moto(remote: Aws, module_clients: dict[str, Any]) -> None:
    """STS answers with the default account."""
    assert module_clients["sts"].get_caller_identity()["Account"] == "123456789012"


def test_service_that_is_not_installed_is_a_clean_error(module_clients: dict[str, Any]) -> None:
    """A missing extra of moto is told to the client, without a traceback."""
    code, message = refused(module_clients["cognito-idp"].list_user_pools, MaxResults=1)
    assert code == "NotImplementedException"
    assert message.startswith("The emulator cannot do this")


def test_health_names_the_server(server: RunningServer) -> None:
    """A client can tell this server from any other at the same address."""
    found = control(server, "GET", "health")
    assert (found["instance"], found["pid"]) == (server.ready.instance, server.ready.pid)
    assert set(found) == {"instance", "pid", "started_at", "version"}


def test_meter_and_calls_tell_what_happened(remote: Aws, server: RunningServer) -> None:
    """The bill shows what runs, and each operation is counted."""
    _, version = remote.running(MinInferenceUnits=3)
    meter = control(server, "GET", "meter")
    assert meter["running"] == [{"project_version_arn": version, "status": "RUNNING"}]
    assert meter["versions"][version]["intervals"][0]["inference_units"] == 3
    assert control(server, "GET", "calls")["counts"]["StartProjectVersion"] == 1


def test_faults_are_scripted_over_http(remote: Aws, server: RunningServer) -> None:
    """Rules can be added, read and lifted."""
    rule = {"operation": "CreateProject", "times": None, "code": "ThrottlingException"}
    assert control(server, "POST", "faults", [rule])["faults"][0]["code"] == "ThrottlingException"
    create = remote.rekognition.create_project
    assert refused(create, ProjectName="p")[0] == "ThrottlingException"
    assert control(server, "DELETE", "faults") == {"faults": []}
    assert "ProjectArn" in create(ProjectName="p")
    status, document = raw(server, "POST", "/rcl-emulator/faults", {"operation": "x", "odd": 1})
    assert (status, "odd" in document["error"]) == (400, True)


def test_clock_jumps_over_http(remote: Aws, server: RunningServer) -> None:
    """An hour of a running model can be had at once."""
    _, version = remote.running()
    before = control(server, "GET", "clock")["seconds"]
    assert control(server, "POST", "clock", {"advance_seconds": 3600})["seconds"] >= before + 3600
    bill = control(server, "GET", "meter")["versions"][version]
    assert bill["usd"] == pytest.approx(4, abs=0.05)
    assert raw(server, "POST", "/rcl-emulator/clock", {"advance_seconds": -1})[0] == 400


def test_reset_empties_everything(remote: Aws, server: RunningServer) -> None:
    """Projects, objects, bill and counts are gone."""
    remote.trained()
    control(server, "POST", "reset")
    assert control(server, "GET", "calls") == {"counts": {}}
    assert control(server, "GET", "meter")["versions"] == {}
    assert remote.rekognition.describe_projects()["ProjectDescriptions"] == []
    assert remote.s3.list_buckets()["Buckets"] == []


def test_control_refuses_browsers_and_unknown_paths(server: RunningServer) -> None:
    """A web page cannot steer the emulator, and a slip in a path is told."""
    path = "/rcl-emulator/health"
    assert raw(server, "GET", path, Origin="http://example.com")[0] == 403
    assert raw(server, "GET", path, Host="example.com")[0] == 403
    assert raw(server, "GET", "/rcl-emulator/nothing")[0] == 404


def test_training_in_the_background_leaves_the_server_responsive(session: boto3.Session) -> None:
    """While a training is held up, other calls are answered and the version is in progress."""
    clock, gate = ManualClock(), threading.Event()
    executor = BackgroundExecutor(clock)
    executor.submit(gate.wait)
    with running_server(FAST, world=World(clock=clock, executor=executor)) as server:
        aws = clients_of(server, session)
        project = aws.project()
        aws.dataset(project, "TRAIN", aws.put_images("train", 5))
        aws.rekognition.describe_projects()
        aws.begin_training(project)
        assert [aws.versions(project)[0]["Status"] for _ in range(3)] == [
            "TRAINING_IN_PROGRESS"
        ] * 3
        gate.set()
        assert within(lambda: aws.versions(project)[0]["Status"] == "TRAINING_COMPLETED")
        aws.s3.close()
        aws.rekognition.close()


def test_server_ends_when_it_is_idle(session: boto3.Session) -> None:
    """Without requests the wait is over after the time-out."""
    with running_server(replace(FAST, idle_timeout_seconds=0.2)) as server:
        assert ends_within(server, 10)


def test_server_does_not_end_while_a_model_runs(session: boto3.Session) -> None:
    """A running model keeps the server up, and its stop lets it go."""
    settings = replace(FAST, idle_timeout_seconds=0.2)
    with running_server(settings, world=World(clock=ManualClock())) as server:
        aws = clients_of(server, session)
        project, version = aws.running()
        assert not ends_within(server, 1)
        aws.rekognition.stop_project_version(ProjectVersionArn=version)
        assert aws.status_of(project) == "STOPPED"
        aws.s3.close()
        aws.rekognition.close()
        assert ends_within(server, 10)


def test_shutdown_ends_the_wait(server: RunningServer) -> None:
    """The control path ends the server."""
    with running_server(FAST) as other:
        control(other, "POST", "shutdown")
        assert ends_within(other, 10)


def test_taken_port_is_a_start_error(server: RunningServer) -> None:
    """A second server cannot have the same port, and says so."""
    port = int(server.ready.endpoint_url.rsplit(":", 1)[1])
    with pytest.raises(EmulatorStartError, match=str(port)):
        running_server(replace(FAST, port=port)).__enter__()


@pytest.mark.parametrize("text", ["[]", '{"prot": 1}', '{"port": "1"}', "{"])
def test_parse_settings_refuses_slips(text: str) -> None:
    """A wrong setting is refused, not ignored."""
    with pytest.raises((TypeError, ValueError)):
        parse_settings(text)


def test_settings_survive_json() -> None:
    """What a launcher sends is what the server gets."""
    settings = EmulatorSettings(port=1, training_seconds=2, enforce_quotas=True)
    assert parse_settings(settings.to_json()) == settings


def clients_of(server: RunningServer, session: boto3.Session) -> Aws:
    """Return clients of a server, with one bucket."""
    url = server.ready.endpoint_url
    s3 = session.client("s3", endpoint_url=url)
    rekognition = session.client("rekognition", endpoint_url=url)
    s3.create_bucket(Bucket=BUCKET)
    return Aws(s3, rekognition, rekognition, server.world)


def ends_within(server: RunningServer, seconds: float) -> bool:
    """Say whether the server's wait is over within some seconds."""
    waiting = threading.Thread(target=server.wait, daemon=True)
    waiting.start()
    waiting.join(seconds)
    return not waiting.is_alive()


def within(condition: Callable[[], bool], tries: int = 200) -> bool:
    """Say whether a condition comes true in about ten seconds."""
    pause = threading.Event()
    return any(condition() or pause.wait(0.05) for _ in range(tries))
