"""moto's door to the emulated service: operations of Custom Labels go to the wire."""

from botocore.exceptions import ConnectionClosedError
from moto.core.exceptions import JsonRESTError
from moto.core.utils import camelcase_to_underscores
from moto.rekognition.responses import RekognitionResponse

from rcl_flow.emulator.doors.moto_ext.authorization import (
    CustomLabelsCaller,
    policies_are_enforced,
)
from rcl_flow.emulator.doors.moto_ext.models import RclBackend, service_of
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
        denied = self._denial() if policies_are_enforced() else None
        answer = self._answer(target) if denied is None else refusal(denied)
        if denied is not None:
            RclBackend.world.calls.record(operation_of(target))
        return answer.status, answer.headers, answer.body

    def _denial(self) -> ApiError | None:
        if "Authorization" not in self.headers:
            return ApiError("MissingAuthenticationTokenException", "Missing Authentication Token")
        try:
            self._authenticate_and_authorize_action(CustomLabelsCaller)
        except JsonRESTError as error:
            return ApiError(str(error.error_type), str(error.message), error.code)
        return None

    def _answer(self, target: str) -> Answer:
        try:
            service = service_of(self.current_account, self.region)
        except ApiError as error:
            return refusal(error)
        try:
            return handle(service, target, self.body)
        except ConnectionResetFault as fault:
            raise ConnectionClosedError(endpoint_url=self.uri) from fault
