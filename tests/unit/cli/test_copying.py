"""Tests of how the terminal tells whether a model does the same elsewhere."""

from rcl_flow.cli.copying import answer_lines
from rcl_flow.core.promotion.answer_parity import AnswerParity
from rcl_flow.pipeline.copies.copied_runs import ParityReport


def report(answers: AnswerParity) -> ParityReport:
    """Return a report of these answers."""
    return ParityReport(
        way="retrain",
        why="the service copies no model from us-east-1 to eu-west-1",
        source_run="20261129T120000Z-0123abcd",
        source_version_arn="arn:a",
        run="20261130T120000Z-0123abcd",
        run_status="completed",
        project_version_arn="arn:b",
        answers=answers,
        identical=answers.identical,
        verdict="no difference shown",
        source_f1=0.9,
        f1=0.91,
        f1_change=0.01,
        f1_interval=(-0.02, 0.04),
        margin=0.03,
    )


def parity(differing: int, largest_percent: float) -> AnswerParity:
    """Return the parity of 30 images."""
    return AnswerParity(
        images=30,
        differing_images=differing,
        largest_difference_percent=largest_percent,
        largest_shift=0.0,
        unanswered=0,
    )


def test_answer_lines_of_the_same_answers() -> None:
    """One line is enough."""
    assert answer_lines(report(parity(0, 0.0))) == ["parity  the same answers on all 30 images"]


def test_answer_lines_of_a_model_that_was_trained_anew() -> None:
    """How many answers differ and by how much, and what the paired comparison says."""
    assert answer_lines(report(parity(12, 34.5678))) == [
        "parity  other answers on 12 of 30 images, by up to 34.57 percent",
        "        as a model that was trained anew: no difference shown",
    ]
