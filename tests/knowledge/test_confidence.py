"""Confidence is a share of right answers, and the bands keep what their settings say."""

import numpy as np
import pytest

from knowledge.confidence import CERTAIN, REPEATED, Confidence, Kind, Thresholds, Trials

WIDTH = 4


def make_trials(count: int = 4000, seed: int = 7) -> Trials:
    """Questions that are right as often as their first figure says; the others are noise."""
    dice = np.random.default_rng(seed)
    evidence = dice.normal(size=(count, WIDTH))
    right = dice.random(count) < 1 / (1 + np.exp(-2 * evidence[:, 0] - 1))
    kinds = dice.choice([Kind.IN_SCOPE, Kind.NEAR, Kind.GENERAL], size=count, p=[0.6, 0.2, 0.2])
    evidence[kinds != Kind.IN_SCOPE, 0] -= 3
    return Trials(evidence, right & (kinds == Kind.IN_SCOPE), kinds)


def test_confidence_is_the_share_of_right_answers() -> None:
    confidence = Confidence.fit(make_trials(seed=1))
    unseen = make_trials(seed=2)
    sure = confidence.of(unseen.evidence)
    for low in (0.1, 0.3, 0.5, 0.7):
        near = (sure >= low) & (sure < low + 0.2)
        right = np.average(unseen.right[near], weights=unseen.weights[near])
        assert right == pytest.approx(sure[near].mean(), abs=0.08)


def test_confidence_is_never_that_of_a_phrasing_word_for_word() -> None:
    confidence = Confidence.fit(make_trials())
    assert confidence.of(np.full((1, WIDTH), 1e6)).max() < CERTAIN


def test_trials_weigh_what_customers_are_supposed_to_ask() -> None:
    trials = make_trials()
    inside = trials.weights[trials.kinds == Kind.IN_SCOPE].sum()
    general = trials.weights[trials.kinds == Kind.GENERAL].sum()
    assert trials.weights.sum() == pytest.approx(len(trials.kinds))
    assert inside / general == pytest.approx(6.5)


@pytest.mark.parametrize("most", [0.005, 0.02, 0.1])
def test_no_more_answers_are_wrong_than_the_setting_allows(most: float) -> None:
    trials = make_trials()
    sure = Confidence.fit(trials).of(trials.evidence)
    answered = sure >= Thresholds.choose(trials, sure, most, 0.03).answer
    wrong = trials.weights[answered & ~trials.right].sum()
    assert wrong <= most * trials.weights.sum() / (1 - REPEATED)


def test_a_bolder_setting_answers_more() -> None:
    trials = make_trials()
    sure = Confidence.fit(trials).of(trials.evidence)
    timid, bold = (Thresholds.choose(trials, sure, most, 0.03) for most in (0.005, 0.05))
    assert bold.answer < timid.answer


def test_no_more_answerable_questions_are_turned_away_than_the_setting_allows() -> None:
    trials = make_trials()
    sure = Confidence.fit(trials).of(trials.evidence)
    ask = Thresholds.choose(trials, sure, 0.02, 0.05).ask
    inside = trials.kinds == Kind.IN_SCOPE
    assert (sure[inside] < ask).mean() <= 0.05


def test_few_trials_prove_nothing() -> None:
    few = Trials(np.ones((5, WIDTH)), np.ones(5, dtype=np.bool_), np.zeros(5, dtype=np.int64))
    sure = Confidence.fit(few).of(few.evidence)
    assert Thresholds.choose(few, sure, 0.02, 0.03).answer == CERTAIN


def test_the_same_trials_give_the_same_confidence() -> None:
    first, second = (Confidence.fit(make_trials()) for _ in range(2))
    assert first.weights.tolist() == second.weights.tolist()
