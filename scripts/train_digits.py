"""Train the networks of the denoising and generating pages, ship their weights, measure them.

    python scripts/train_digits.py                      everything that is missing
    python scripts/train_digits.py --only digits/reader --seeds 0 1 2
    python scripts/train_digits.py --measure            the figures alone

Resumable: a training goes on after its last whole epoch, a finished one is not repeated. Weights of seed 0 go to
checkpoints/digits/, figures to checkpoints/measured/digits.json.
"""

from __future__ import annotations

import argparse
import json
import platform
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from lib import datasets  # noqa: E402 - needs the path above
from lib.base.drafts import replace_text  # noqa: E402
from lib.base.folders import MEASURED  # noqa: E402
from lib.catalog.digits import (  # noqa: E402
    CLASSIFIERS,
    DENOISE_DATA,
    FIRST_STAGE,
    FRECHET_IMAGES,
    METHODS,
    NOISE_TRAINED,
    SALTED_SHARE,
    SHIPPED,
    mixed_latents,
    salted_latents,
)
from lib.catalog.presets import PRESETS  # noqa: E402
from lib.images.drawing import PAD_SIDE, as_digit  # noqa: E402
from lib.measures.corruptions import NOISES, corrupt, psnr, ssim  # noqa: E402
from lib.measures.denoising import DENOISED_MISTAKES  # noqa: E402
from lib.measures.fidelity import class_diversity, frechet_of_moments, moments  # noqa: E402
from lib.models import digit_bench  # noqa: E402
from lib.models.checkpoints import manifest, run_entry, save_weights  # noqa: E402
from lib.models.permuted_bench import shipped_networks  # noqa: E402
from lib.models.tasks.classify import evaluation_batches  # noqa: E402
from lib.models.training import train  # noqa: E402
from lib.runs import run_home  # noqa: E402
from lib.spec.runs import EpochLog, RunControl, RunStarted  # noqa: E402
from lib.spec.settings import CvaeSettings  # noqa: E402
from lib.spec.specs import DataSpec, RunSpec  # noqa: E402

RESULTS = MEASURED / "digits.json"
LEVELS = tuple(round(0.1 * step, 1) for step in range(11))
#: Test images for kinds of noise other than salt-and-pepper on MNIST, which is measured on all of them.
FEWER = 2000
#: Test images a level for the ways to read noisy digits; the level that is asked about most is measured on all of them.
READ = {"salt_pepper": 1000, "others": 400}
GENERATED = 5000
#: Training images whose latent codes are mixed and salted.
SOURCES = 10_000
#: Who learns from generated digits alone, and for how long.
PUPIL, PUPIL_EPOCHS = "light_cnn", 10
#: Test images among which denoised digits that are read wrong are looked for, and how many are kept.
MISTAKES_OF, MISTAKES_KEPT = 3000, 24


def train_one(name: str, spec: RunSpec) -> dict[str, Any]:
    """Train `spec` to its end: its figures, and for seed 0 its weights shipped under `name`."""
    import keras

    dataset = datasets.load(spec.data)
    folder = run_home() / "digits" / spec.digest
    folder.mkdir(parents=True, exist_ok=True)
    devices: list[str] = []

    def on_event(event: object) -> None:
        if isinstance(event, RunStarted):
            devices.append(event.device)
        if isinstance(event, EpochLog):
            figures = ", ".join(f"{key} {value:,.4g}" for key, value in event.metrics.items())
            print(f"{name} seed {spec.seed} epoch {event.epoch + 1}: {figures}", flush=True)

    result = train(spec, dataset, on_event, RunControl(), folder)
    model = keras.saving.load_model(folder / "model.keras", compile=False)
    entry = run_entry(spec, dataset, epochs=spec.train.epochs, date=date.today().isoformat(),
                      device=f"{devices[0]}, {platform.machine()}", metrics=result.metrics)
    if spec.seed == 0:
        save_weights(name, shipped_weights(spec, model), entry)
    print(name, spec.seed, dict(result.metrics), flush=True)
    return {key: entry[key] for key in ("seed", "epochs", "date", "device", "metrics", "data")} | {"name": name}


def shipped_weights(spec: RunSpec, model: Any) -> list[np.ndarray]:
    """What the app needs of a trained model: of a conditional VAE the decoder alone."""
    if isinstance(spec.own_settings, CvaeSettings):
        model = model.get_layer("decoder")
    return model.get_weights()


# --- figures ------------------------------------------------------------------------------


def noise_rows() -> Iterator[dict[str, Any]]:
    """PSNR, SSIM and the classifier's accuracy after every way of cleaning, by set, kind and level of noise."""
    for data in DENOISE_DATA:
        dataset = datasets.load(DataSpec(data))
        classifier, cleaners = digit_bench.digit_classifier(data), digit_bench.cleaners(data)
        for kind in NOISES:
            count = len(dataset.x_test) if (data, kind) == ("mnist", "salt_pepper") else FEWER
            clean, labels = dataset.x_test[:count], dataset.y_test[:count]
            for level in LEVELS:
                noisy = corrupt(clean, kind, level, seed=1)
                for method in METHODS:
                    found = noise_figures(classifier, clean, cleaners[method](noisy), labels)
                    yield {"data": data, "noise": kind, "level": level, "method": method, "images": count,
                           "classifier": CLASSIFIERS[data], **found}
                print(data, kind, level, flush=True)


def noisy_reading_rows() -> Iterator[dict[str, Any]]:
    """Does denoising help? Right answers of the classifier and of the noise-trained one, on noisy and denoised digits."""
    dataset, denoise = datasets.load(DataSpec("mnist")), digit_bench.cleaners("mnist")["conv"]
    clean_trained = digit_bench.digit_classifier("mnist")
    noise_trained = digit_bench.shipped_classifier(NOISE_TRAINED)
    for kind in NOISES:
        for level in LEVELS:
            count = READ.get(kind, READ["others"]) if (kind, level) != ("salt_pepper", 0.5) else len(dataset.x_test)
            labels, noisy = dataset.y_test[:count], corrupt(dataset.x_test[:count], kind, level, seed=1)
            denoised = denoise(noisy)
            ways = {"clean_trained": (clean_trained, noisy), "noise_trained": (noise_trained, noisy),
                    "denoised": (clean_trained, denoised), "denoised_noise_trained": (noise_trained, denoised)}
            for way, (network, images) in ways.items():
                right = network.predict(images).argmax(axis=1) == labels
                yield {"data": "mnist", "noise": kind, "level": level, "way": way, "images": count,
                       "accuracy": round(float(right.mean()), 4)}
            print("noisy readings", kind, level, flush=True)


def plain_rows() -> Iterator[dict[str, Any]]:
    """What a light CNN that learned MNIST as it is reads after every way of cleaning."""
    yield from classifier_rows(shipped_networks("mnist")["cnn_original"].predict, NOISES)


def report_classifier_rows() -> Iterator[dict[str, Any]]:
    """System E3: the true-positive rate of report 004's classifier (B4) on noisy and on cleaned digits."""
    yield from classifier_rows(digit_bench.report_classifier().predict, ("salt_pepper",))


def classifier_rows(ask: Callable[[np.ndarray], np.ndarray], kinds: Iterable[str]) -> Iterator[dict[str, Any]]:
    """The share of test digits that a classifier gets right after every way of cleaning, by kind and level of noise."""
    dataset = datasets.load(DataSpec("mnist"))
    cleaners = digit_bench.cleaners("mnist")
    for kind in kinds:
        count = len(dataset.x_test) if kind == "salt_pepper" else FEWER
        for level in LEVELS:
            noisy = corrupt(dataset.x_test[:count], kind, level, seed=1)
            for method in METHODS:
                hits = digit_bench.in_batches(ask)(cleaners[method](noisy)).argmax(axis=1) == dataset.y_test[:count]
                by_class = [round(float(hits[dataset.y_test[:count] == c].mean()), 4) for c in range(10)]
                yield {"data": "mnist", "noise": kind, "level": level, "method": method, "images": count,
                       "accuracy": round(float(hits.mean()), 4), "by_class": by_class}


def noise_figures(
    classifier: digit_bench.FeatureClassifier, clean: np.ndarray, cleaned: np.ndarray, labels: np.ndarray
) -> dict[str, Any]:
    """Figures of cleaned images; `by_class` is the true-positive rate of each class."""
    hits = classifier.predict(cleaned).argmax(axis=1) == labels
    by_class = [round(float(hits[labels == c].mean()), 4) for c in range(int(labels.max()) + 1)]
    # An image that came through unchanged has an infinite ratio; 100 dB stands for it.
    decibels = np.minimum(psnr(clean, cleaned), 100.0)
    return {"psnr": round(float(decibels.mean()), 3), "ssim": round(float(ssim(clean, cleaned).mean()), 4),
            "accuracy": round(float(hits.mean()), 4), "by_class": by_class}


def generated_images(dataset: datasets.Dataset) -> Iterator[tuple[str, np.ndarray, np.ndarray | None]]:
    """Way of generating, images, and the labels that were asked for (None where none is).

    Latent codes that are mixed or salted are those of training images, so that test images can judge what comes of them.
    """
    rng = np.random.default_rng(7)
    labels = np.arange(GENERATED, dtype=np.int32) % 10
    images, true = dataset.x_train[:SOURCES], dataset.y_train[:SOURCES]
    dense, flat = digit_bench.autoencoder("digits/mnist_dense"), digit_bench.autoencoder("digits/map_2d")
    latents = digit_bench.in_batches(dense.encode)(images)
    pairs = np.stack([rng.choice(np.flatnonzero(true == label), 2, replace=False) for label in labels])
    mixed = mixed_latents(latents[pairs[:, 0]], latents[pairs[:, 1]], rng.random((GENERATED, 1)))
    yield "mix", digit_bench.in_batches(dense.decode)(mixed), labels
    chosen = rng.choice(len(images), GENERATED, replace=False)
    salted = digit_bench.in_batches(dense.decode)(salted_latents(latents[chosen], SALTED_SHARE, 7))
    yield "salt", digit_bench.in_batches(dense.denoise)(salted), true[chosen]
    places = digit_bench.in_batches(flat.encode)(images)
    low, high = np.quantile(places, [0.02, 0.98], axis=0)
    drawn = digit_bench.in_batches(flat.decode)(rng.uniform(low, high, (GENERATED, 2)))
    yield "map", digit_bench.in_batches(dense.denoise)(drawn), None
    for name in ("reversed", "reversed_closest", "cvae_2", "cvae_16"):
        decoder = digit_bench.decoder(f"digits/{name}")
        random = rng.standard_normal((GENERATED, decoder.latent_size), np.float32)
        batches = evaluation_batches(GENERATED)
        yield name, np.concatenate([decoder.draw(random[batch], labels[batch]) for batch in batches]), labels


def generated_rows() -> Iterator[dict[str, Any]]:
    """Report card of every way to generate digits, and of real test images for comparison.

    `taught` is the test accuracy of a classifier that learned from such images alone, of as many training images for "real":
    the classification accuracy score (Ravuri and Vinyals, "Classification Accuracy Score for Conditional Generative Models",
    NeurIPS 2019).
    """
    dataset = datasets.load(DataSpec("mnist"))
    classifier = digit_bench.digit_classifier("mnist")
    real = moments(classifier.features(dataset.x_train[:FRECHET_IMAGES]))
    half = dataset.x_test[:GENERATED], dataset.y_test[:GENERATED]
    for name, images, labels in [("real", *half), *generated_images(dataset)]:
        teachers = (dataset.x_train[:GENERATED], dataset.y_train[:GENERATED]) if name == "real" else (images, labels)
        yield {"way": name, "classifier": CLASSIFIERS["mnist"], **generated_figures(classifier, images, labels, real),
               "taught": None if labels is None else taught_accuracy(dataset, *teachers)}
        print("generated", name, flush=True)


def taught_accuracy(dataset: datasets.Dataset, images: np.ndarray, labels: np.ndarray) -> float:
    """The test accuracy on `dataset` of the light CNN that learned from these images alone, a tenth of them to validate."""
    preset, order = PRESETS[PUPIL], np.random.default_rng(8).permutation(len(images))
    train_part, held_out = np.split(order, [int(0.9 * len(order))])
    pupil = replace(dataset, x_train=images[train_part], y_train=labels[train_part].astype(np.int32),
                    x_validation=images[held_out], y_validation=labels[held_out].astype(np.int32))
    spec = RunSpec(preset.architecture, DataSpec("mnist", len(train_part)), replace(preset.train, epochs=PUPIL_EPOCHS))
    return round(train(spec, pupil, lambda event: None, RunControl()).metrics["test_accuracy"], 4)


def mixed_pair_rows() -> Iterator[dict[str, Any]]:
    """System E4: how many mixed latent codes the classifier recognises, both digits of one class or of two."""
    dataset, rng = datasets.load(DataSpec("mnist")), np.random.default_rng(9)
    classifier, dense = digit_bench.digit_classifier("mnist"), digit_bench.autoencoder("digits/mnist_dense")
    latents, true = digit_bench.in_batches(dense.encode)(dataset.x_test), dataset.y_test
    first = rng.integers(0, len(true), GENERATED)
    for kind in ("one class", "two classes"):
        fits = [np.flatnonzero((true == label) == (kind == "one class")) for label in range(10)]
        second = np.array([rng.choice(fits[true[index]]) for index in first])
        mixed = mixed_latents(latents[first], latents[second], rng.random((GENERATED, 1)))
        probabilities = classifier.predict(digit_bench.in_batches(dense.decode)(mixed))
        said = probabilities.argmax(axis=1)
        yield {"pairs": kind, "images": GENERATED, "classifier": CLASSIFIERS["mnist"],
               "recognised": round(float((probabilities.max(axis=1) > 0.9).mean()), 4),
               "one of the two": round(float(((said == true[first]) | (said == true[second])).mean()), 4)}


def generated_figures(
    classifier: digit_bench.FeatureClassifier, images: np.ndarray, labels: np.ndarray | None, real: Any
) -> dict[str, Any]:
    """`recognised`: the classifier gives one class nine tenths; `agrees`: it is the class that was asked for."""
    probabilities, features = classifier.predict(images), classifier.features(images)
    said = probabilities.argmax(axis=1)
    agrees = None if labels is None else round(float((said == labels).mean()), 4)
    return {"images": len(images), "recognised": round(float((probabilities.max(axis=1) > 0.9).mean()), 4),
            "agrees": agrees, "diversity": round(class_diversity(features, said if labels is None else labels), 4),
            "frechet": round(frechet_of_moments(*moments(features), *real), 3)}


def elsewhere_rows() -> Iterator[dict[str, Any]]:
    """Classifiers that learned MNIST on digits from elsewhere: scikit-learn's 1,797, of 8x8 pixels, by 43 other writers."""
    digits = load_digits()
    images = [Image.fromarray((image * 255 / 16).astype(np.uint8)) for image in digits.images]
    prepared = [as_digit(np.asarray(image.resize((PAD_SIDE, PAD_SIDE), Image.Resampling.BICUBIC))) for image in images]
    x = np.stack(prepared)[..., None]
    others = shipped_networks("mnist")
    asked = {"digits/reader": digit_bench.digit_classifier("mnist").predict,
             FIRST_STAGE: digit_bench.shipped_classifier(FIRST_STAGE).predict,
             NOISE_TRAINED: digit_bench.shipped_classifier(NOISE_TRAINED).predict,
             "permuted/mnist_cnn_original": others["cnn_original"].predict,
             "permuted/mnist_mlp_original": others["mlp_original"].predict}
    for name, ask in asked.items():
        yield {"name": name, "images": len(x), "accuracy": round(float((ask(x).argmax(axis=1) == digits.target).mean()), 4)}


def save_denoised_mistakes() -> None:
    """Keep the digits that are read wrong after denoising and right as they were, the surest mistakes first."""
    dataset, classifier = datasets.load(DataSpec("mnist")), digit_bench.digit_classifier("mnist")
    clean, true = dataset.x_test[:MISTAKES_OF], dataset.y_test[:MISTAKES_OF]
    noisy = corrupt(clean, "salt_pepper", 0.5, seed=1)
    denoised = digit_bench.cleaners("mnist")["conv"](noisy)
    read = classifier.predict(denoised)
    said = read.argmax(axis=1)
    wrong = np.flatnonzero((said != true) & (classifier.predict(clean).argmax(axis=1) == true))
    wrong = wrong[np.argsort(-read[wrong].max(axis=1))][:MISTAKES_KEPT]
    np.savez_compressed(DENOISED_MISTAKES, clean=clean[wrong], noisy=noisy[wrong], denoised=denoised[wrong],
                        true=true[wrong], said=said[wrong], sure=read[wrong].max(axis=1).astype(np.float32),
                        of=np.array(MISTAKES_OF))


def save_feature_maps() -> None:
    """Report 004's image of what B4's layers see of one digit: after its first convolution, its pooling, its dropout."""
    import keras

    model = digit_bench.report_classifier().model
    image = datasets.load(DataSpec("mnist")).x_test[:1].astype(np.float32) / 255.0
    places = {"conv": "conv", "pool": "pool", "dropout": "dropout"}
    found = {name: next(layer for layer in model.layers if layer.name.endswith(f"_{kind}")) for name, kind in places.items()}
    maps = keras.Model(model.inputs[0], [layer.output for layer in found.values()])(image, training=True)
    arrays = {name: scaled_maps(np.asarray(out)[0]) for name, out in zip(found, maps, strict=True)}
    np.savez_compressed(MEASURED / "b4_maps.npz", **arrays)


def scaled_maps(maps: np.ndarray) -> np.ndarray:
    """Feature maps (H, W, N) as images uint8 (N, H, W), all with the brightest value of any of them as white."""
    return (255 * np.moveaxis(maps, -1, 0) / max(float(maps.max()), 1e-9)).clip(0, 255).astype(np.uint8)


def save_map() -> None:
    """Ship where the test images lie on the map of two latent values, and which digits they are."""
    dataset = datasets.load(DataSpec("mnist"))
    flat = digit_bench.autoencoder("digits/map_2d")
    places = digit_bench.in_batches(flat.encode)(dataset.x_test[:3000]).astype(np.float32)
    save_weights("digits/map_points", [places, dataset.y_test[:3000].astype(np.uint8)], {
        "task": "examples", "data": {"set": "mnist", "test": 3000}, "date": date.today().isoformat(), "metrics": {}})


def read_results() -> dict[str, list[dict[str, Any]]]:
    """The stored figures by section."""
    empty: dict[str, list[dict[str, Any]]] = {"trained": [], "elsewhere": [], "inventions": [], "noise": [], "plain": [],
                                             "report_classifier": [], "mixed_pairs": [], "noisy_readings": []}
    return empty | (json.loads(RESULTS.read_text()) if RESULTS.exists() else {})


def write_results(results: dict[str, list[dict[str, Any]]]) -> None:
    """One figure's row per line."""
    sections = []
    for name, rows in results.items():
        lines = ",\n".join("  " + json.dumps(row) for row in rows)
        sections.append(f' "{name}": [\n{lines}\n ]')
    replace_text(RESULTS, "{\n" + ",\n".join(sections) + "\n}\n")


def stamped(rows: Callable[[], Iterator[dict[str, Any]]]) -> list[dict[str, Any]]:
    """`rows` with today's date."""
    return [{**row, "date": date.today().isoformat()} for row in rows()]


#: Section of the stored figures -> what measures it.
SECTIONS: dict[str, Callable[[], Iterator[dict[str, Any]]]] = {
    "elsewhere": elsewhere_rows, "inventions": generated_rows, "mixed_pairs": mixed_pair_rows,
    "report_classifier": report_classifier_rows, "plain": plain_rows, "noise": noise_rows,
    "noisy_readings": noisy_reading_rows,
}


def main() -> None:
    """Train what is asked for and missing, then measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(SHIPPED), default=list(SHIPPED))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0])
    parser.add_argument("--measure", action="store_true", help="train nothing")
    parser.add_argument("--train-only", action="store_true", help="measure nothing")
    parser.add_argument("--sections", nargs="+", choices=list(SECTIONS), default=list(SECTIONS), help="what to measure")
    options = parser.parse_args()
    results = read_results()
    for name in [] if options.measure else options.only:
        for seed in options.seeds:
            known = any(row["name"] == name and row["seed"] == seed for row in results["trained"])
            if not known or (seed == 0 and name not in manifest()):
                row = train_one(name, replace(SHIPPED[name], seed=seed))
                others = [r for r in results["trained"] if (r["name"], r["seed"]) != (name, seed)]
                results["trained"] = sorted([*others, row], key=lambda r: (r["name"], r["seed"]))
                write_results(results)
    if not options.train_only and all(name in manifest() for name in SHIPPED):
        save_map()
        save_feature_maps()
        save_denoised_mistakes()
        for name in options.sections:
            results[name] = stamped(SECTIONS[name])
            write_results(results)


if __name__ == "__main__":
    main()
