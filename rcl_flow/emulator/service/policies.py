"""The operations on project policies, which let other accounts copy a project's models."""

import hashlib

from rcl_flow.emulator.errors import ApiError, invalid_parameter, not_found
from rcl_flow.emulator.service.pages import paginate
from rcl_flow.emulator.service.policy_documents import check_document
from rcl_flow.emulator.service.projects import CUSTOM_LABELS
from rcl_flow.emulator.service.state import Context, Project, ProjectPolicy
from rcl_flow.emulator.shapes import JsonObject

DEFAULT_PAGE_SIZE = 5
REVISION_CHARACTERS = 32


class Policies:
    """Attaches, lists and removes project policies."""

    def __init__(self, context: Context) -> None:
        """Work on the resources of `context`."""
        self._context = context

    def put(self, request: JsonObject) -> JsonObject:
        """PutProjectPolicy."""
        project, name = self._project(request), request["PolicyName"]
        check_document(request["PolicyDocument"])
        former = project.policies.get(name)
        if "PolicyRevisionId" in request:
            _require_revision(former, request["PolicyRevisionId"])
        elif former is not None:
            raise ApiError(
                "ResourceAlreadyExistsException", f"The project has a policy named {name} already."
            )
        else:
            self._require_quota(project)
        number, now = self._context.numbers.take(), self._context.now()
        policy = ProjectPolicy(
            name=name,
            document=request["PolicyDocument"],
            revision_id=_revision_id(project, name, number),
            number=former.number if former else number,
            created_at=former.created_at if former else now,
            updated_at=now,
        )
        project.policies[name] = policy
        return {"PolicyRevisionId": policy.revision_id}

    def list(self, request: JsonObject) -> JsonObject:
        """ListProjectPolicies."""
        project = self._project(request)
        rows = [(policy.number, _describe(project, policy)) for policy in project.policies.values()]
        page, more = paginate(
            "ListProjectPolicies",
            {"MaxResults": DEFAULT_PAGE_SIZE, **request},
            rows,
            descending=False,
        )
        return {"ProjectPolicies": page, **more}

    def delete(self, request: JsonObject) -> JsonObject:
        """DeleteProjectPolicy."""
        project, name = self._project(request), request["PolicyName"]
        policy = project.policies.get(name)
        if policy is None:
            raise ApiError("ResourceNotFoundException", f"The project has no policy named {name}.")
        if "PolicyRevisionId" in request:
            _require_revision(policy, request["PolicyRevisionId"])
        del project.policies[name]
        return {}

    def _project(self, request: JsonObject) -> Project:
        project = self._context.store.project(request["ProjectArn"])
        if project.feature != CUSTOM_LABELS:
            raise invalid_parameter("Only Custom Labels projects have project policies.")
        if project.timeline.read() != "CREATED":
            raise not_found(project.arn)
        return project

    def _require_quota(self, project: Project) -> None:
        quotas = self._context.world.quotas
        if quotas and len(project.policies) >= quotas.policies_per_project:
            raise ApiError("ServiceQuotaExceededException", "The project has too many policies.")


def _require_revision(policy: ProjectPolicy | None, revision_id: str) -> None:
    if policy is None or policy.revision_id != revision_id.lower():
        raise ApiError(
            "InvalidPolicyRevisionIdException",
            "The revision id is not that of the policy's latest revision.",
        )


def _revision_id(project: Project, name: str, number: int) -> str:
    text = f"{project.arn}/{name}/{number}"
    return hashlib.sha256(text.encode()).hexdigest()[:REVISION_CHARACTERS]


def _describe(project: Project, policy: ProjectPolicy) -> JsonObject:
    return {
        "ProjectArn": project.arn,
        "PolicyName": policy.name,
        "PolicyRevisionId": policy.revision_id,
        "PolicyDocument": policy.document,
        "CreationTimestamp": policy.created_at,
        "LastUpdatedTimestamp": policy.updated_at,
    }
