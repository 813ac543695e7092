"""What a run has beside this process to measure images: others who share its store."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from rcl_flow.core.measures import MEASURES_VERSION
from rcl_flow.core.naming import digest_of
from rcl_flow.pipeline.runs.services import Services

MEASURES_PREFIX: Final = f"measures/v{MEASURES_VERSION}/"
"""Where the store keeps what was measured, in chunks of lines as the cache's files have them."""
_NAME_DIGITS: Final = 16


@dataclass(frozen=True, slots=True)
class OtherMachines:
    """Those who know what this one has measured, and may measure in its place."""

    services: Services
    shard_size: int
    """More images than so many are measured by the services' executor, where they have one."""

    def give(self, lines: Sequence[str]) -> None:
        """Let others know of lines of the cache, where the state is shared.

        Raises:
            StoreError: the store cannot be written.
        """
        if self.services.state_is_shared and lines:
            content = "".join(f"{line}\n" for line in lines).encode()
            key = f"{MEASURES_PREFIX}{digest_of(list(lines))[:_NAME_DIGITS]}"
            self.services.store.put_if_absent(key, content)

    def take(self) -> Iterator[str]:
        """Yield the lines that anybody has given.

        Raises:
            StoreError: the store cannot be read.
        """
        if self.services.state_is_shared:
            for _, content in self.services.store.below(MEASURES_PREFIX):
                yield from content.decode(errors="replace").splitlines()
