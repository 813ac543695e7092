"""Judge the cached answers of a finished run again: other rules, other thresholds, no AWS."""

import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final
from urllib.parse import quote

import yaml

from rcl_flow.clock import Clock
from rcl_flow.config import FlowConfig, parse_config
from rcl_flow.core.naming import digest_of, seed_of
from rcl_flow.core.promotion.decision import decide
from rcl_flow.core.scoring.judged import Judged
from rcl_flow.core.scoring.scored import Scored, score_model
from rcl_flow.errors import ConfigError, UnknownRunError
from rcl_flow.pipeline.data.certificates import CERTIFICATE_NAME, read_certificate
from rcl_flow.pipeline.data.known_images import MATERIAL_NAME, read_material, recall_images
from rcl_flow.pipeline.judging.report_files import (
    artifacts_in,
    outcome_of,
    read_page,
    shown_of,
    write_scored,
)
from rcl_flow.pipeline.judging.stored_answers import read_answers, require_all_answers
from rcl_flow.pipeline.runs.outcome import RunOutcome
from rcl_flow.pipeline.runs.output_folders import OTHER_FOLDER, require_folder
from rcl_flow.report.page import EvaluationOf, ReportPage

_JUDGING: Final = {"evaluation", "gates"}
_FOLDER: Final = "evaluations"
_FILE_NAME: Final = "the run's config"
_EXAMPLE: Final = "For example: --threshold scratch=0.35"


@dataclass(frozen=True, slots=True)
class Changes:
    """How a run is to be judged otherwise."""

    overrides: tuple[str, ...] = ()
    """`section.field=value`, of `evaluation` and `gates` only."""
    thresholds: tuple[str, ...] = ()
    """`label=ratio`."""

    @property
    def told(self) -> tuple[str, ...]:
        """What is different, as it was typed; of two of the same field or label the later."""
        typed = [*self.overrides, *(f"threshold {given}" for given in self.thresholds)]
        return tuple({each.rpartition("=")[0]: each for each in typed}.values())


def evaluate_again(
    folder: Path, changes: Changes, workspace: Path, clock: Clock, out: Path | None = None
) -> RunOutcome:
    """Judge a finished run again and write what comes out beside it; the run stays as it is.

    Args:
        folder: the run's.
        changes: what is to be different.
        workspace: whose cache knows the images' measures.
        clock: tells when this was.
        out: where the files go; None for a folder named after the changes, in the run's.

    Raises:
        UnknownRunError: the run has not finished, or its files are gone.
        ConfigError: a change is wrong, or not one of how scores are compared; or `out` is no
            folder, or one of the workspace's own for runs.
        StoreError: the run's certificate cannot be read.
        LocalFilesError: a file cannot be written.
        DatasetGateError: the holdout is too small for it.
    """
    page = read_page(folder)
    before = config_of_run(page.provenance.config_text)
    config = _changed(before, page.provenance.config_text, changes)
    told = () if config == before else changes.told
    target = out or folder / _FOLDER / _name(config)
    _require_usable(target, folder)
    stored = read_material(folder)
    judged = _judged(folder, page)
    certificate = read_certificate(folder / CERTIFICATE_NAME)
    digests = (image.sha256 for image in judged.images)
    scored = score_model(
        stored.evaluation,
        judged,
        recall_images(stored, digests, workspace),
        config.evaluation,
        seed=seed_of(certificate.holdout_digest),
    ).of_run(folder.name)
    page = replace(
        _page(page, scored, config),
        audit_page=_from(target, folder, page.audit_page),
        evaluation=_evaluation(page, told, clock),
    )
    answers = {"predictions": artifacts_in(folder).predictions}  # the same, whatever the rules
    return outcome_of(page, write_scored(scored, page, target).model_copy(update=answers))


def config_of_run(config_text: str) -> FlowConfig:
    """Return the config that a finished run was made with, from what its page holds of it.

    Raises:
        UnknownRunError: another version wrote it in a form that is not read here.
    """
    try:
        return parse_config(config_text, file_name=_FILE_NAME)
    except ConfigError as error:
        raise UnknownRunError(
            f"The run was made by another version, which wrote its config otherwise: {error}",
            hint="Run its config again; what does not change is not paid for again.",
        ) from error


def _name(config: FlowConfig) -> str:
    """Return the name of the folder of what comes out of judging by these rules and gates."""
    return digest_of(config.model_dump(mode="json", include=_JUDGING))[:8]


def _require_usable(target: Path, folder: Path) -> None:
    """Refuse a file, the folder of a run, and all below the runs but this run's evaluations."""
    require_folder(target)
    if (target / MATERIAL_NAME).exists():
        raise ConfigError(
            f"{target} is the folder of a run, whose files would be overwritten.",
            hint=OTHER_FOLDER,
        )
    resolved, run = target.resolve(), folder.resolve()
    if run.parent in (resolved, *resolved.parents) and run / _FOLDER not in resolved.parents:
        raise ConfigError(
            f"{target} lies among the runs of the workspace, where only they write.",
            hint=f"{OTHER_FOLDER} Within the run there is {folder / _FOLDER}.",
        )


def _evaluation(page: ReportPage, changes: tuple[str, ...], clock: Clock) -> EvaluationOf:
    """Return what the run was, and what was changed."""
    return EvaluationOf(
        changes=changes,
        run_f1=page.comparison.holdout.f1,
        run_action=page.decision.action,
        judged_at=clock.now(),
    )


def _judged(folder: Path, page: ReportPage) -> Judged:
    """Return the answers in the order in which the run judged them, tuned on or not."""
    judged = read_answers(folder)
    tuning = page.analysis.thresholds if page.analysis is not None else None
    tuned_on = tuning.calibration_images if tuning is not None and tuning.used else 0
    there = page.comparison.holdout.images + tuned_on
    require_all_answers(len(judged.images), there, folder)
    images = sorted(judged.images, key=lambda image: image.sha256)
    return replace(judged, images=tuple(images), refused=page.comparison.refused)


def _from(target: Path, folder: Path, audit_page: str) -> str:
    """Return where the run's audit page is, as a link of a page in `target`."""
    if not audit_page:
        return ""
    return quote(Path(os.path.relpath(folder / audit_page, target)).as_posix())


def _changed(before: FlowConfig, config_text: str, changes: Changes) -> FlowConfig:
    """Return the run's config with the changes; a `--threshold` wins over a `--set`."""
    after = before
    if changes.overrides:
        after = parse_config(config_text, file_name=_FILE_NAME, overrides=changes.overrides)
    tree = after.model_dump(mode="json")
    labels = tree["evaluation"]["thresholds"]["labels"]
    for given in changes.thresholds:
        label, ratio = _label_and_ratio(given)
        labels[label] = {"objective": "fixed", "fixed": ratio}
    after = FlowConfig.model_validate(tree)
    if after.model_dump(exclude=_JUDGING) != before.model_dump(exclude=_JUDGING):
        raise ConfigError(
            "Only fields of `evaluation` and `gates` can be set for a run that has finished.",
            hint="Change the config and `rcl-flow run` it for anything else; what does not "
            "change is not paid for again.",
        )
    return after


def _label_and_ratio(given: str) -> tuple[str, float]:
    label, separator, text = given.rpartition("=")
    if not separator or not label:
        raise ConfigError(f"--threshold {given!r} is not of the form LABEL=RATIO.", hint=_EXAMPLE)
    try:
        ratio = float(text)
    except ValueError:
        ratio = -1.0
    if not 0 <= ratio <= 1:
        raise ConfigError(f"--threshold {label}: {text!r} is no ratio from 0 to 1.", hint=_EXAMPLE)
    return label, ratio


def _page(page: ReportPage, scored: Scored, config: FlowConfig) -> ReportPage:
    past = page.analysis.past_advice if page.analysis else ()
    return replace(
        page,
        comparison=scored.comparison,
        decision=decide(scored.comparison, config.gates),
        analysis=scored.analysis.model_copy(update={"past_advice": past}),
        curves=scored.curves,
        images=shown_of(scored),
        gates=config.gates,
        rules=config.evaluation,
        provenance=replace(
            page.provenance,
            config_text=yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False),
        ),
    )
