"""Statistics of evaluations: arrays in, an `Estimate` out; numpy and scipy only.

    from assay import stats

    stats.score_interval([1, 0, 1, 1])  # one score
    stats.paired(a, b, cluster=passages)  # two systems on the same questions

Every name is loaded when it is first used. docs/statistics.md lists the functions with formula and source.
Wrong input is a `StatisticsError` (an `AssayError`) with a remedy; what is not defined is None, with the
reason in `undefined` where there is a place for it and in the docstring where not.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from assay.stats.betabinomial import beta_binomial_interval as beta_binomial_interval
    from assay.stats.bootstrap import paired_bootstrap as paired_bootstrap
    from assay.stats.checkpoints import RecipeDifference as RecipeDifference
    from assay.stats.checkpoints import SignalToNoise as SignalToNoise
    from assay.stats.checkpoints import mean_step as mean_step
    from assay.stats.checkpoints import monotonicity as monotonicity
    from assay.stats.checkpoints import recipe_difference as recipe_difference
    from assay.stats.checkpoints import signal_to_noise as signal_to_noise
    from assay.stats.checkpoints import training_noise as training_noise
    from assay.stats.differences import Paired as Paired
    from assay.stats.differences import paired as paired
    from assay.stats.discordant import BonettPrice as BonettPrice
    from assay.stats.discordant import Discordance as Discordance
    from assay.stats.discordant import bonett_price as bonett_price
    from assay.stats.discordant import discordance as discordance
    from assay.stats.discordant import fewest_flips as fewest_flips
    from assay.stats.discordant import largest_discordance as largest_discordance
    from assay.stats.discordant import mcnemar_exact as mcnemar_exact
    from assay.stats.discordant import mcnemar_midp as mcnemar_midp
    from assay.stats.discordant import mcnemar_midp_worse as mcnemar_midp_worse
    from assay.stats.discordant import mcnemar_score as mcnemar_score
    from assay.stats.discordant import mcnemar_z as mcnemar_z
    from assay.stats.discordant import newcombe as newcombe
    from assay.stats.discordant import non_inferiority_p as non_inferiority_p
    from assay.stats.discordant import probability_better as probability_better
    from assay.stats.discordant import tango as tango
    from assay.stats.discordant import tango_z as tango_z
    from assay.stats.estimates import Estimate as Estimate
    from assay.stats.estimates import Influenced as Influenced
    from assay.stats.estimates import Interval as Interval
    from assay.stats.estimates import StandardError as StandardError
    from assay.stats.estimates import estimate as estimate
    from assay.stats.estimates import mean as mean
    from assay.stats.estimates import ratio as ratio
    from assay.stats.estimates import standard_error as standard_error
    from assay.stats.estimates import two_sided_p as two_sided_p
    from assay.stats.families import Family as Family
    from assay.stats.families import adjust as adjust
    from assay.stats.intervals import bounded_interval as bounded_interval
    from assay.stats.intervals import design_effect as design_effect
    from assay.stats.intervals import normal_interval as normal_interval
    from assay.stats.intervals import score_interval as score_interval
    from assay.stats.judged import JudgeErrors as JudgeErrors
    from assay.stats.judged import cuped as cuped
    from assay.stats.judged import judge_errors as judge_errors
    from assay.stats.judged import power_weight as power_weight
    from assay.stats.judged import prediction_powered as prediction_powered
    from assay.stats.margins import Equivalence as Equivalence
    from assay.stats.margins import equivalence as equivalence
    from assay.stats.margins import equivalence_binary as equivalence_binary
    from assay.stats.margins import equivalence_of as equivalence_of
    from assay.stats.passing import pass_at_k as pass_at_k
    from assay.stats.passing import pass_at_k_variance as pass_at_k_variance
    from assay.stats.passing import pass_hat_k as pass_hat_k
    from assay.stats.passing import pass_hat_k_variance as pass_hat_k_variance
    from assay.stats.passing import same_questions_error as same_questions_error
    from assay.stats.power import DetectableEffect as DetectableEffect
    from assay.stats.power import detectable as detectable
    from assay.stats.power import exact_mde as exact_mde
    from assay.stats.power import mde as mde
    from assay.stats.power import mde_clustered as mde_clustered
    from assay.stats.power import mde_paired as mde_paired
    from assay.stats.power import mde_unpaired as mde_unpaired
    from assay.stats.power import planned_design_effect as planned_design_effect
    from assay.stats.power import required_n as required_n
    from assay.stats.power import required_samples as required_samples
    from assay.stats.power import sampled_error as sampled_error
    from assay.stats.power import t_power as t_power
    from assay.stats.power_binary import flips_effect as flips_effect
    from assay.stats.power_binary import flips_power as flips_power
    from assay.stats.power_binary import flips_required as flips_required
    from assay.stats.power_binary import proportion_effect as proportion_effect
    from assay.stats.power_binary import proportions_effect as proportions_effect
    from assay.stats.power_binary import proportions_power as proportions_power
    from assay.stats.power_binary import proportions_required as proportions_required
    from assay.stats.power_binary import resolution_floor as resolution_floor
    from assay.stats.proportions import agresti_coull as agresti_coull
    from assay.stats.proportions import beta_interval as beta_interval
    from assay.stats.proportions import clopper_pearson as clopper_pearson
    from assay.stats.proportions import proportion as proportion
    from assay.stats.proportions import wilson as wilson
    from assay.stats.reduction import reduce_samples as reduce_samples
    from assay.stats.samples import SampledScore as SampledScore
    from assay.stats.samples import VarianceParts as VarianceParts
    from assay.stats.samples import doubling_gain as doubling_gain
    from assay.stats.samples import pooled_mean as pooled_mean
    from assay.stats.samples import predicted_error as predicted_error
    from assay.stats.samples import question_means as question_means
    from assay.stats.samples import same_questions as same_questions
    from assay.stats.samples import sampled_score as sampled_score
    from assay.stats.samples import variance_parts as variance_parts
    from assay.stats.sequential import Crossing as Crossing
    from assay.stats.sequential import EPath as EPath
    from assay.stats.sequential import alpha_spent as alpha_spent
    from assay.stats.sequential import confidence_sequence as confidence_sequence
    from assay.stats.sequential import e_lond as e_lond
    from assay.stats.sequential import e_path as e_path
    from assay.stats.sequential import e_value as e_value
    from assay.stats.sequential import first_crossing as first_crossing
    from assay.stats.sequential import log_e_value as log_e_value
    from assay.stats.sequential import tuning as tuning
    from assay.stats.sides import correlation as correlation
    from assay.stats.signflips import SignFlip as SignFlip
    from assay.stats.signflips import sign_flip as sign_flip
    from assay.stats.stopping import Decision as Decision
    from assay.stats.stopping import Stopping as Stopping
    from assay.stats.stopping import decide as decide
    from assay.stats.suites import Branch as Branch
    from assay.stats.suites import TaskValues as TaskValues
    from assay.stats.suites import between_tasks_error as between_tasks_error
    from assay.stats.suites import macro as macro
    from assay.stats.suites import micro as micro
    from assay.stats.suites import nested_weights as nested_weights
    from assay.stats.verdicts import chance_better as chance_better
    from assay.stats.verdicts import verdict as verdict
    from assay.stats.verdicts import within_margin as within_margin
    from assay.stats.words import Verdict as Verdict

_NAMES = {
    "betabinomial": "beta_binomial_interval",
    "bootstrap": "paired_bootstrap",
    "checkpoints": (
        "RecipeDifference SignalToNoise mean_step monotonicity recipe_difference "
        "signal_to_noise training_noise"
    ),
    "differences": "Paired paired",
    "discordant": (
        "BonettPrice Discordance bonett_price discordance fewest_flips largest_discordance "
        "mcnemar_exact mcnemar_midp mcnemar_midp_worse mcnemar_score mcnemar_z newcombe "
        "non_inferiority_p probability_better tango tango_z"
    ),
    "estimates": (
        "Estimate Influenced Interval StandardError estimate mean ratio standard_error two_sided_p"
    ),
    "families": "Family adjust",
    "intervals": "bounded_interval design_effect normal_interval score_interval",
    "judged": "JudgeErrors cuped judge_errors power_weight prediction_powered",
    "margins": "Equivalence equivalence equivalence_binary equivalence_of",
    "passing": "pass_at_k pass_at_k_variance pass_hat_k pass_hat_k_variance same_questions_error",
    "power": (
        "DetectableEffect detectable exact_mde mde mde_clustered mde_paired mde_unpaired "
        "planned_design_effect required_n required_samples sampled_error t_power"
    ),
    "power_binary": (
        "flips_effect flips_power flips_required proportion_effect proportions_effect "
        "proportions_power proportions_required resolution_floor"
    ),
    "proportions": "agresti_coull beta_interval clopper_pearson proportion wilson",
    "reduction": "reduce_samples",
    "samples": (
        "SampledScore VarianceParts doubling_gain pooled_mean predicted_error question_means "
        "same_questions sampled_score variance_parts"
    ),
    "sequential": (
        "Crossing EPath alpha_spent confidence_sequence e_lond e_path e_value first_crossing "
        "log_e_value tuning"
    ),
    "sides": "correlation",
    "signflips": "SignFlip sign_flip",
    "stopping": "Decision Stopping decide",
    "suites": "Branch TaskValues between_tasks_error macro micro nested_weights",
    "verdicts": "chance_better verdict within_margin",
    "words": "Verdict",
}
"""The public names of each module."""
_MODULES = {name: module for module, names in _NAMES.items() for name in names.split()}

__all__ = sorted(_MODULES)  # noqa: PLE0605 - names of the table above

if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        if name not in _MODULES:
            raise AttributeError(f"module 'assay.stats' has no attribute {name!r}")
        return getattr(import_module(f"assay.stats.{_MODULES[name]}"), name)


def __dir__() -> list[str]:
    return __all__
