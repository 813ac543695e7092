"""What every command and every emulator would read and compile anew, done by importing this.

That is the templates of the pages, and the models by which services read their requests.
"""

from rcl_flow.emulator.conditions.world import World
from rcl_flow.emulator.sessions import isolated_session
from rcl_flow.emulator.testing import emulated_aws
from rcl_flow.report import templating

_REGION = "us-east-1"


def _compile_templates() -> None:
    environment = templating._environment()
    for name in environment.list_templates():
        environment.get_template(name)


def _read_models() -> None:
    session = isolated_session(_REGION)
    with emulated_aws(World()):
        session.client("s3").create_bucket(Bucket="any")
        session.client("rekognition").create_project(ProjectName="any")
        session.client("scheduler").list_schedules()
        session.client("sts").get_caller_identity()


_compile_templates()
_read_models()
