"""moto's door to the emulated service: operations of Custom Labels go to the wire."""

from botocore.exceptions import ConnectionClosedError
from moto.core.utils import camelcase_to_underscores
from moto.rekognition.responses import RekognitionResponse

from rcl_flow.emulator.doors.moto_ext.models import service_of
from rcl_flow.emulator.doors.wire import (
    Answer,
    ConnectionResetFault,
    handle,
    is_ours,
    operation_of,
    refusal,
)
from rcl_flow.emulator.errors import ApiError


class RclResponse(RekognitionResponse):
    """Answers Custom Labels itself, and leaves what moto has of the rest to moto."""

    def call_action(self) -> tuple[int, dict[str, str], bytes | str]:
        """Answer one request."""
        target = self.headers.get("X-Amz-Target", "")
        if not is_ours(target) and hasattr(self, camelcase_to_underscores(operation_of(target))):
            status, headers, body = super().call_action()
            return status, headers, body
        answer = self._answer(target)
        return answer.status, answer.headers, answer.body

    def _answer(self, target: str) -> Answer:
        try:
            service = service_of(self.current_account, self.region)
        except ApiError as error:
            return refusal(error)
        try:
            return handle(service, target, self.body)
        except ConnectionResetFault as fault:
            raise ConnectionClosedError(endpoint_url=self.uri) from fault
