"""Who won a race, and what is the same for everybody."""

from dataclasses import replace

from lib.catalog.fields import FIELDS
from lib.catalog.races import RACES, race
from lib.measures.experiment_reading import race_fairness, race_words, reading
from lib.measures.replicates import TrialResult
from lib.spec.specs import DEFAULT_LEARNING_RATES, ArchitectureSpec, DenseSpec, FlattenSpec, RunSpec, TrainSpec

SPEC = RunSpec(ArchitectureSpec((FlattenSpec(), DenseSpec(8), DenseSpec(10, "softmax")), "{odd} name"),
               train=TrainSpec("sgd", 0.3, epochs=4), seed=7)


def results(figures, states=None):
    made = race(SPEC, "optimizer", "My {network}")
    return made, [TrialResult(cell, 7, (states or {}).get(dict(cell)["optimizer"], "finished"),
                              metrics={"best_val_accuracy": figures[dict(cell)["optimizer"]]}
                              if dict(cell)["optimizer"] in figures else {})
                  for cell in made.cells()]


ALL = {"sgd": 0.9, "momentum": 0.95, "adam": 0.97, "adagrad": 0.5, "adadelta": 0.2, "rmsprop": 0.96}


def test_a_race_varies_one_thing_of_the_set_up():
    for kind in RACES:
        made = race(SPEC, kind, "My {network}")
        specs = [trial.spec for trial in made.trials()]
        assert len(specs) == len(RACES[kind][2]) and {spec.seed for spec in specs} == {7}
        for spec, value in zip(specs, RACES[kind][2], strict=True):
            assert spec == FIELDS[kind].apply(SPEC, value)
    rates = {trial.spec.train.optimizer: trial.spec.train.learning_rate for trial in race(SPEC, "optimizer", "").trials()}
    assert rates == DEFAULT_LEARNING_RATES | {"sgd": 0.3}, "the optimiser that was set keeps its rate"


def test_a_race_is_stored_and_read_again():
    import json

    from lib.catalog.experiments import experiment_from_dict, experiment_to_dict

    made = race(SPEC, "activation", "My {network}")
    assert experiment_from_dict(json.loads(json.dumps(experiment_to_dict(made)))) == made


def test_the_winner_is_named_when_all_have_ended():
    assert race_words(*results(ALL, {"sgd": "running"})) == "" == race_words(race(SPEC, "optimizer", ""), [])
    words = race_words(*results(ALL))
    assert words.startswith("Adam won: best validation accuracy, 97.0 %, 1.0 points ahead of RMSprop.")
    assert "This is one seed" in words


def test_the_lead_is_the_same_in_every_sentence_as_the_figures_are_shown():
    # 91.3 % and 90.7 %, which are 0.67 points apart.
    made, found = results({**ALL, "momentum": 272 / 300, "adam": 274 / 300, "rmsprop": 0.5})
    assert "91.3 %, 0.6 points ahead of SGD with momentum" in race_words(made, found)
    assert "Next is SGD with momentum, 0.6 points behind" in reading(made, found)[0]


def test_those_that_are_level_are_named_together_and_those_that_failed():
    words = race_words(*results({**ALL, "momentum": 0.97, "adam": 0.97}))
    assert "SGD with momentum and Adam are tied" in words and "ahead of RMSprop" in words
    three = race_words(*results({**ALL, "momentum": 0.97, "rmsprop": 0.97}))
    assert three.startswith("SGD with momentum, Adam and RMSprop are tied")
    failed = race_words(*results({k: v for k, v in ALL.items() if k != "adam"}, {"adam": "failed"}))
    assert failed.startswith("RMSprop won") and "Diverged or failed: Adam." in failed
    assert race_words(*results({}, dict.fromkeys(ALL, "failed"))) == "No winner: no run finished."
    assert race_words(*results({})) == "No winner: there are no validation images to judge by."


def test_what_is_the_same_for_everybody_is_said_as_the_specifications_have_it():
    fixed = race_fairness(race(SPEC, "optimizer", ""))
    assert "and 4 epochs." in fixed and "early stopping" not in fixed and "usual learning rate" in fixed
    patient = race_fairness(race(replace(SPEC, train=replace(SPEC.train, epochs=200, patience=10)), "activation", ""))
    assert "200 epochs at most: early stopping ends each of them once it has not improved for 10." in patient
    assert "learning rate" not in patient
