"""The one rounding between a classifier's probabilities and the confidences that are served."""

import numpy as np
import numpy.typing as npt


def served_ratios(probabilities: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Round probabilities to ratios that lose nothing when served as 32-bit percentages.

    DetectCustomLabels answers with 32-bit percentages, while the summary file gives thresholds
    as ratios. For each ratio r returned here `confidence_percent(r) >= r * 100` holds, and a
    smaller ratio r' has `confidence_percent(r') < r * 100`, so that a client which multiplies a
    threshold by 100 decides exactly as the evaluation did.

    Args:
        probabilities: Numbers 0 to 1, of any shape.
    """
    percentages = np.asarray(probabilities * 100, dtype=np.float32).astype(np.float64)
    ratios = percentages / 100
    # p / 100 * 100 may come out one step above p; the next smaller ratio never does.
    above = ratios * 100 > percentages
    return np.where(above, np.nextafter(ratios, 0.0), ratios)


def confidence_percent(ratio: float) -> float:
    """Give the confidence, 0 to 100, that DetectCustomLabels serves for a ratio.

    Source: published confidences are exact 32-bit floats such as 67.56399536132812,
    https://docs.aws.amazon.com/rekognition/latest/customlabels-dg/detecting-custom-labels.html,
    read 2026-11-23.
    """
    return float(np.float32(ratio * 100))
