"""What kind of mistake each one is, which labels are mixed up, and what the mistakes share."""

from typing import Literal

from rcl_flow.core.datasets.boxes import Box
from rcl_flow.core.values import Frozen

ErrorKind = Literal["confusion", "localisation", "duplicate", "miss", "background", "label suspect"]
"""`confusion`: another label was predicted; `localisation`: right label, wrong place;
`duplicate`: an object found twice; `miss`: nothing predicted for it; `background`: something
predicted where nothing is; `label suspect`: the model disagrees so confidently that the
annotation may be wrong."""


class TypedError(Frozen):
    """One mistake on one holdout image."""

    sha256: str
    uri: str
    kind: ErrorKind
    truth: str
    """The label that was there; empty for a background error."""
    predicted: str
    """The label that was predicted; empty for a miss."""
    confidence_percent: float
    """In the predicted label; of a miss, the confidence that the true label still had."""
    box: Box | None = None
    """Where, for objects: the found box, of a miss the true one."""


class KindCount(Frozen):
    """How many mistakes are of one kind, and what they cost."""

    kind: ErrorKind
    count: int
    f1_gain: float
    """How much the overall F1 would rise if these mistakes were not made."""


class LabelPair(Frozen):
    """Two labels that the model mixes up more than chance and its other mistakes explain (J5)."""

    first: str
    second: str
    first_as_second: int
    """How many of `first` were taken for `second`."""
    second_as_first: int
    share: float
    """Of both labels' images or objects, 0 to 1."""
    p_value: float
    """Corrected for all pairs."""
    told: str
    """What to do, such as `add images of both, or redefine them`."""


class SharedFactor(Frozen):
    """An image factor in which the mistakes differ from the right answers, with certainty."""

    kind: str
    """The kind of error, or of a pair such as `dent taken for ding`; empty for all mistakes."""
    label: str
    """The true label; empty for all."""
    factor: str
    told: str
    """Such as `wrong images are darker: median brightness 0.22 against 0.48`."""
    p_value: float
    """Corrected for all that was tested."""
    is_lower: bool = False
    """Whether the mistakes are where the factor is low; it says nothing of one on a circle."""


class ErrorSummary(Frozen):
    """All mistakes on the holdout, by kind."""

    errors: tuple[TypedError, ...] = ()
    """The surest first; at most 5,000, while the counts are of all."""
    kinds: tuple[KindCount, ...] = ()
    pairs: tuple[LabelPair, ...] = ()
    """The most mixed up first."""
    shared: tuple[SharedFactor, ...] = ()
    unknown_images: int = 0
    """Images with a label that the model does not know. What it says of them is wrong as far as
    the score goes, but tells neither of annotations nor of what mistakes share."""
