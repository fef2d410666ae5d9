"""How likely are two records one person? Splink learns what each agreement weighs, then scores the proposed pairs.

Fellegi and Sunter's model: a column that agrees speaks for one person by how much more often it does so among the same
than among strangers. The rates among strangers come from random pairs, those among the same from expectation
maximisation over blocked pairs; a rare value weighs more than a common one. Nothing here knows the truth.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa

from homing.core.errors import InvalidInput
from homing.identity.link.propose import Block, Plan
from homing.identity.link.records import Records

FLOOR = 0.5  # pairs less likely than this are not kept at all
RANDOM_PAIRS = 2e6  # among strangers
TRAIN_PAIRS = 1e6  # of one training round
FOUND = 0.7  # share of the pairs of one person that strict rules are taken to find
MIN_RECORDS = 20
ITERATIONS = (25, 8, 4, 2)  # of a training round; fewer where more do not come to an end
LEAST_SAME, LEAST_STRANGERS = 0.002, 1e-6  # the rate of a step that was never taken
SEED = 7
INSTALL = "probabilistic linkage wants Splink, which is not installed: pip install 'homing[identity]'"
Progress = Callable[[str, float], None]


@dataclass(frozen=True, slots=True)
class Scored:
    """Pairs of records with their probability, the likeliest first.

    Args:
        left: position of the first record in the records.
        right: position of the second; left < right.
        probability: that both are one person, FLOOR .. 1.
        weights: comparison to evidence in bits a pair: above 0 speaks for one person, below against.
        prior: evidence in bits before anything was compared.
        compared: how many pairs were scored.
    """

    left: np.ndarray[Any, Any]
    right: np.ndarray[Any, Any]
    probability: np.ndarray[Any, Any]
    weights: dict[str, np.ndarray[Any, Any]]
    prior: float
    compared: int

    def __len__(self) -> int:
        return len(self.left)


def score(records: Records, plan: Plan, *, seed: int = SEED, progress: Progress | None = None) -> Scored:
    """Train on the records and score the pairs the plan proposes.

    Args:
        records: cleaned.
        plan: blocking rules and compared columns.
        seed: of the random pairs; the same records, plan and seed give the same scores.
        progress: told what is done now and the share that is done, 0 .. 1.

    Returns:
        Pairs with a probability of at least FLOOR.

    Raises:
        InvalidInput: Splink is not installed, or there are fewer than MIN_RECORDS records.
    """
    check_installed()
    if len(records) < MIN_RECORDS:
        raise InvalidInput(f"{len(records)} records to link, wanted at least {MIN_RECORDS} to learn from",
                           field="sources")  # fmt: skip
    tell = progress or (lambda _what, _share: None)
    logging.getLogger("splink").setLevel(logging.ERROR)  # it speaks of steps that no pair took; they weigh nothing
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        linker = _linker(records, plan)
        tell("train", 0.1)
        _train(linker, plan, seed, tell)
        tell("compare", 0.6)
        found = linker.inference.predict(threshold_match_probability=FLOOR, warning_mode="never")
        table = found.as_pyarrow_table()
    tell("collect", 0.9)
    return _scored(table, linker, plan)


def check_installed() -> None:
    """Say what to install where Splink is missing.

    Raises:
        InvalidInput: it is missing.
    """
    try:
        import splink  # noqa: F401, PLC0415 - an extra
    except ImportError as error:
        raise InvalidInput(INSTALL, field="extra") from error


def _linker(records: Records, plan: Plan) -> Any:
    from splink import DuckDBAPI, Linker, SettingsCreator  # noqa: PLC0415 - an extra

    from homing.identity.link.comparisons import comparisons  # noqa: PLC0415

    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons(plan.compared),
        blocking_rules_to_generate_predictions=[_rule(b) for b in plan.blocks],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
        unique_id_column_name="place",
    )
    api = DuckDBAPI(":memory:")
    return Linker(api.register(_table(records)), settings, log_level=None, validate_settings=False)


def _train(linker: Any, plan: Plan, seed: int, tell: Progress) -> None:
    strict = [_rule(b) for b in plan.blocks if _strict(b)] or [_rule(plan.blocks[0])]
    linker.training.estimate_probability_two_random_records_match(strict, recall=FOUND)
    linker.training.estimate_u_using_random_sampling(max_pairs=RANDOM_PAIRS, seed=seed)
    rounds = _rounds(plan)
    for n, block in enumerate(rounds):
        tell("train", 0.2 + 0.4 * n / len(rounds))
        _train_round(linker, block)
    _temper(linker)


def _train_round(linker: Any, block: Block) -> None:
    """One round of expectation maximisation.

    Among few or very clean pairs the rate of a step sinks to exactly nought within many iterations, which Splink
    refuses; fewer iterations stop before. What no round learned keeps the rates Splink begins with.
    """
    for iterations in ITERATIONS:
        before = deepcopy(linker._settings_obj)  # a round that fails leaves them half changed
        settings = linker._settings_obj
        settings.training_settings = replace(settings.training_settings, max_iterations=iterations)
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(_rule(block), max_pairs=TRAIN_PAIRS)
        except ValueError:
            linker._settings_obj = before
            continue
        return


def _temper(linker: Any) -> None:
    """No step is impossible: whatever was not seen among the same, or among strangers, may be seen yet."""
    for comparison in linker._settings_obj.comparisons:
        levels = [level for level in comparison.comparison_levels if not level.is_null_level]
        for kind, least in (("m_probability", LEAST_SAME), ("u_probability", LEAST_STRANGERS)):
            rates = [max(_rate(getattr(level, kind)), least) for level in levels]
            for level, rate in zip(levels, rates, strict=True):
                setattr(level, kind, rate / sum(rates))


def _rate(value: Any) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _strict(block: Block) -> bool:
    """Whether agreement on these columns leaves little doubt."""
    names = block.names()
    sure = {"national_id", "email", "phone"}
    return bool(names & sure) or names >= {"surname", "birth_date"} or names >= {"given_name", "birth_date"}


def _rounds(plan: Plan) -> list[Block]:
    """Rules to train on: every comparison has to be free in at least one, so those that share no column with others."""
    columns = {_comparison(c) for c in plan.compared}
    rounds: list[Block] = []
    learned: set[str] = set()
    for block in sorted(plan.blocks, key=lambda b: (len(b.names()), -b.filled, b.columns)):
        free = columns - {_comparison(c) for c in block.names()}
        if free - learned or not rounds:
            rounds.append(block)
            learned |= free
    return rounds


def _comparison(column: str) -> str:
    return "name" if column in {"given_name", "surname"} else column


def _rule(block: Block) -> Any:
    from splink import block_on  # noqa: PLC0415

    return block_on(*(_expression(c) for c in block.columns))


def _expression(column: str) -> str:
    name, _, start = column.partition(":")
    return f"substr({name}, 1, {int(start)})" if start else name


def _table(records: Records) -> pa.Table:
    columns: dict[str, Any] = {"place": pa.array(range(len(records)), pa.int64())}
    for name, values in records.values.items():
        columns[name] = pa.array(values, pa.string())
    if {"given_name", "surname"} <= records.values.keys():
        both = zip(records.values["given_name"], records.values["surname"], strict=True)
        columns["whole_name"] = pa.array([f"{g} {s}" if g and s else None for g, s in both], pa.string())
    return pa.table(columns)


def _scored(table: pa.Table, linker: Any, plan: Plan) -> Scored:
    left, right = (table.column(f"place_{side}").to_numpy() for side in "lr")
    probability = table.column("match_probability").to_numpy()
    order = np.lexsort((np.maximum(left, right), np.minimum(left, right), -probability))
    weights = {}
    for name in dict.fromkeys(_comparison(c) for c in plan.compared):
        bits = _column(table, f"mw_{name}") + _column(table, f"mw_tf_adj_{name}")
        weights[name] = bits[order]
    low, high = np.minimum(left, right)[order], np.maximum(left, right)[order]
    chance = linker._settings_obj._probability_two_random_records_match
    prior = float(np.log2(chance / (1 - chance)))
    return Scored(low, high, probability[order], weights, prior, sum(b.pairs for b in plan.blocks))


def _column(table: pa.Table, name: str) -> np.ndarray[Any, Any]:
    if name not in table.column_names:
        return np.zeros(table.num_rows)
    found: np.ndarray[Any, Any] = np.nan_to_num(table.column(name).to_numpy().astype(float))
    return found


def columns_of(comparison: str, known: Sequence[str]) -> tuple[str, ...]:
    """The columns a comparison looks at."""
    return tuple(c for c in known if _comparison(c) == comparison)
