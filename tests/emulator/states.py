"""The service's state machines: which states may follow each."""

PROJECT_STATES = {"CREATED": {"DELETING"}, "DELETING": set[str]()}
DATASET_STATES = {
    "CREATE_IN_PROGRESS": {"CREATE_COMPLETE", "CREATE_FAILED"},
    "CREATE_COMPLETE": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"},
    "CREATE_FAILED": {"DELETE_IN_PROGRESS"},
    "UPDATE_IN_PROGRESS": {"UPDATE_COMPLETE", "UPDATE_FAILED"},
    "UPDATE_COMPLETE": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"},
    "UPDATE_FAILED": {"UPDATE_IN_PROGRESS", "DELETE_IN_PROGRESS"},
    "DELETE_IN_PROGRESS": set[str](),
}
VERSION_STATES = {
    "TRAINING_IN_PROGRESS": {"TRAINING_COMPLETED", "TRAINING_FAILED"},
    "COPYING_IN_PROGRESS": {"COPYING_COMPLETED", "COPYING_FAILED"},
    "TRAINING_COMPLETED": {"STARTING", "DELETING"},
    "TRAINING_FAILED": {"DELETING"},
    "COPYING_COMPLETED": {"STARTING", "DELETING"},
    "COPYING_FAILED": {"DELETING"},
    "STARTING": {"RUNNING", "FAILED"},
    "RUNNING": {"STOPPING"},
    "STOPPING": {"STOPPED"},
    "STOPPED": {"STARTING", "DELETING"},
    "FAILED": {"STARTING", "DELETING"},
    "DELETING": set[str](),
}
States = dict[str, set[str]]


def reachable(states: States, start: str) -> set[str]:
    """Return the states that can follow `start`, after any number of steps, and itself."""
    found, waiting = {start}, [start]
    while waiting:
        for state in states[waiting.pop()] - found:
            found.add(state)
            waiting.append(state)
    return found
