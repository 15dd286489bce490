"""LESSONS: what to try, what to predict before, and what will be seen; each step a set-up that a link reproduces.

A figure that a step names is stored: of its own training in checkpoints/measured/lessons.json (scripts/measure_lessons.py),
or of what the Ask pages were measured by. `lib.measures.lessons` finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from lib.catalog.networks import network_named
from lib.spec.specs import DataSpec, RunSpec


@dataclass(frozen=True, slots=True)
class StoredFigure:
    """A figure that was measured before: `metric` of the rows of `source` (`lib.measures.lessons.SOURCES`) that fit `where`.

    Several rows are seeds: their mean and spread.
    """

    title: str
    source: str
    metric: str
    where: tuple[tuple[str, Any], ...]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do, a question to answer before doing it, and what is seen then, with why.

    `spec` is what the Train page is to train. A step without one happens on the page `page`, at the address `query`, and is
    measured by `figures`.
    """

    do: str
    predict: str
    see: str
    spec: RunSpec | None = None
    page: str = "train"
    query: tuple[tuple[str, str], ...] = ()
    figures: tuple[StoredFigure, ...] = ()


@dataclass(frozen=True, slots=True)
class Lesson:
    """Some steps towards the answer of one question; `name` is its name in links, `answer` what it comes to."""

    name: str
    title: str
    question: str
    steps: tuple[Step, ...]
    answer: str

    @property
    def specs(self) -> tuple[RunSpec, ...]:
        """What its steps train, in their order."""
        return tuple(step.spec for step in self.steps if step.spec is not None)


def _digits(network: str, images: int | None = None, seed: int = 0, **train: Any) -> RunSpec:
    """A training on the bundled digits, which need no download and take seconds."""
    preset = network_named(network)
    return RunSpec(preset.architecture, DataSpec("digits", images), replace(preset.train, **train), seed)


# --- trainings ----------------------------------------------------------------------------


def _layers() -> Lesson:
    return Lesson("hidden_layers", "From pixels to classes", "What does a hidden layer add, and what a convolution?", (
        Step("Train a network without a hidden layer: every pixel votes for every digit.",
             "How many of ten digits will it read? Which two will it confuse most?",
             "Most of them. Each class has one weight for each pixel, so it can only ask which pixels are dark, not which "
             "are dark together. The confusion matrix below the run shows which pairs suffer; click a cell to see the "
             "images.",
             _digits("softmax_regression")),
        Step("Put two hidden layers of 64 units between.",
             "Will that halve the errors?",
             "Fewer than half of the errors are left. Units of the first layer look for parts, those of the second for "
             "parts together. **Runs** lays both curves over each other.",
             _digits("a5_64_64")),
        Step("Let small windows with the same weights move over the image: a CNN.",
             "It has to learn less about where a stroke is. Does that show?",
             "More than half of the remaining errors go. A kernel that found a stroke in one place finds it in every other.",
             _digits("light_cnn")),
        Step("Look inside a CNN that learned MNIST: draw a digit and watch each layer.",
             "What will the maps of the first layer show, and what those of the last?",
             "The first maps are edges and strokes, still in the shape of the digit. The last ones are coarse: they say "
             "what is there, hardly where. Click a number of any map for its arithmetic.",
             page="inside", query=(("inside", "shipped:permuted/mnist_cnn_original"),)),
    ), "Hidden layers combine pixels into parts and parts into digits; convolutions learn each part once for all places.")


def _learning_rate() -> Lesson:
    def sgd(rate: float) -> RunSpec:
        return _digits("a5_64_64", optimizer="sgd", learning_rate=rate, epochs=20)

    return Lesson("learning_rate", "How large a step?", "What happens when the learning rate is too low or too high?", (
        Step("Train with plain gradient descent and a rate of 0.0001.",
             "Every step goes downhill. How far will the loss get in 20 epochs?",
             "Hardly at all: the loss falls, but each step is too small. The diagnosis below the curves says so, with its "
             "numbers.", sgd(0.0001)),
        Step("The same with 0.1, a thousand times as much.", "Better, or too much?",
             "The loss falls at once. Later it jumps up now and then and falls again: this is near the largest rate that "
             "works.", sgd(0.1)),
        Step("And with 1.0.", "Ten times as fast again?",
             "It guesses: test accuracy is about 10 %. The first steps were so long that units of the hidden layers now "
             "output 0 for every image, and no gradient brings them back.", sgd(1.0)),
        Step("Take the set-up of step 2 again and press **Range test** in the set-up of the Train page.",
             "Where on its curve does the loss fall fastest, and where does it rise again?",
             "One short training raises the rate step by step. It suggests a rate from before the loss rises, and a button "
             "takes it over.",
             page="train", query=(("data", "digits"), ("net", "a5_64_64"), ("optimizer", "sgd"), ("rate", "0.1"),
                                  ("epochs", "20"))),
    ), "Too low wastes time, too high destroys what was learned. The right rate is found by trying: over powers of ten "
       "first.")


def _over_fitting() -> Lesson:
    def wide(images: int | None, network: str = "1~f~d512~d512") -> RunSpec:
        return _digits(network, images, epochs=30)

    return Lesson("over_fitting", "Memorised", "When does a network know its training images only?", (
        Step("Give a network of 512 and 512 units 100 training images.",
             "What will its training accuracy be after 30 epochs, and what its test accuracy?",
             "It knows all 100 and reads fewer new ones. With thousands of weights for each image, it need not look for "
             "what digits have in common.", wide(100)),
        Step("Give it 500 images.", "Which of the two figures changes?",
             "Training accuracy was as high as it can be; test accuracy rises. 500 images are harder to memorise: "
             "what fits all of them is more often true of digits in general.",
             wide(500)),
        Step("Give it all of them.", "As much again?",
             "A little: more images bring less and less that is new.", wide(None)),
        Step("Take 100 images again, and set half of the units to zero in every step: dropout 0.5.",
             "Does it replace the missing images?",
             "No. Dropout keeps units from relying on each other; it cannot show the network a digit that it has not seen.",
             wide(100, "1~f~d512~o0.5~d512~o0.5")),
    ), "The gap between training and test accuracy says how much was memorised. More images close it best.")


def _activations() -> Lesson:
    def deep(layer: str) -> RunSpec:
        return _digits("1~f" + f"~{layer}" * 6, epochs=20)

    return Lesson("activations", "When no gradient arrives", "Why can a deep network of sigmoids not learn?", (
        Step("Train six hidden layers of sigmoid units.", "Six layers should be better than two. Are they?",
             "After 20 epochs most digits are still read wrongly. The slope of a sigmoid is at most a quarter, and "
             "six of them multiply: the first layer gets next to no gradient. **Look inside, epoch by epoch** below "
             "the curves shows the gradient of every layer.", _digits("1~f" + "~d64_asigmoid" * 6, epochs=20)),
        Step("The same with ReLU.", "What is the slope of a ReLU that is on?",
             "It is 1: gradients pass as they are, and the same six layers learn.", deep("d64")),
        Step("Sigmoids again, with batch normalisation after each.", "Can sigmoids be saved?",
             "Yes: batch normalisation keeps their inputs where the sigmoid has a slope, and scales what comes back.",
             deep("d64_asigmoid~b")),
        Step("A ReLU where the softmax should be: report 001's triple relu, relu, relu.",
             "The loss is a cross-entropy. What does it need of the outputs?",
             "Test accuracy is about 10 %, as by guessing. Cross-entropy takes the outputs for probabilities; a ReLU gives "
             "0 for many of them, the logarithm of 0 is cut off, and no gradient comes back.", _digits("a2_relu_relu_relu")),
    ), "A gradient is a product over the layers. Choose activations and scales that keep its factors near 1.")


def _luck() -> Lesson:
    return Lesson("luck", "One run can be luck", "Is half a point more a better network?", (
        *(Step(f"Train two hidden layers of 64 units with seed {seed}.", predict, see, _digits("a5_64_64", seed=seed))
          for seed, predict, see in (
              (0, "Write down the test accuracy that you expect.", "Remember this figure."),
              (3, "Only the seed differs: other initial weights, another order of images. How much can that change?",
               "By more than a point. With so few test images every single one that is read otherwise counts a third of a "
               "point."),
              (4, "And once more?", "The three runs of one set-up lie more than two points apart. One run against one "
               "run may show chance alone."))),
        Step("Train both networks with five seeds each on Experiments: press the button that launches the grid.",
             "Is the deeper one better, and how sure is that?",
             "The page shows mean and band over seeds, and its reading says which differences are more than chance.",
             page="experiments",
             query=(("exp", "custom"), ("exp_nets", "a5_64_64|1~f~d64"), ("exp_data", "digits"), ("exp_seeds", "5"),
                    ("exp_epochs", "10"))),
    ), "A figure without its spread over seeds says little. Repeat, and compare means with their spread.")


# --- the Ask pages ------------------------------------------------------------------------


def _pixels() -> Lesson:
    def read(title: str, network: str, pixels: str) -> StoredFigure:
        return StoredFigure(title, "permuted", "test_accuracy",
                            (("network", network), ("data", "mnist"), ("pixels", pixels)))

    return Lesson("pixel_order", "Does pixel order matter?", "What does a network lose when all pixels change places?", (
        Step("Shuffle all pixels of every digit in the same way, and ask networks that learned such images.",
             "You cannot read one of them. Can an MLP? Can a CNN?",
             "The MLP reads them as well as before: it never knew which pixels are neighbours. The CNN loses points: its "
             "windows look at pixels that are strangers now.", page="permuted_pixels", query=(("shuffle", "full"),),
             figures=(read("MLP, original", "mlp_300_100", "original"), read("MLP, permuted", "mlp_300_100", "permuted"),
                      read("CNN, original", "light_cnn_pool2", "original"),
                      read("CNN, permuted", "light_cnn_pool2", "permuted"))),
        Step("Shuffle blocks of 7x7 pixels only, and draw a digit.", "Which of the four networks still reads it?",
             "Three of them. Two get the image as you drew it, and for an MLP it is enough to reorder its first weights to "
             "match, which is exact. For the CNN there is nothing to reorder: it has to learn such images. Neighbours "
             "within a block are still neighbours; **Train them yourself** measures what that is worth.",
             page="permuted_pixels", query=(("shuffle", "blocks"), ("block", "7"))),
        Step("Pool over windows of 4x4 instead of 2x2.", "Does a larger window help or hurt where neighbours are strangers?",
             "It hurts more: pooling discards where something was, and with permuted pixels the position is all that tells.",
             page="permuted_pixels", query=(("shuffle", "full"), ("lens_tab", "What we measured")),
             figures=(read("CNN, permuted, pooling 2", "light_cnn_pool2", "permuted"),
                      read("CNN, permuted, pooling 4", "light_cnn_pool4", "permuted"))),
    ), "An MLP does not care about the order of pixels. A CNN needs it: its windows look for "
       "neighbours that belong together.")


def _clock() -> Lesson:
    def median(title: str, head: str) -> StoredFigure:
        return StoredFigure(title, "clocks", "test_median_minutes", (("light", head),))

    return Lesson("asking_the_time", "Ask the right question", "Does it matter how a network is asked for the time?", (
        Step("Drag the hands past 12:00 and watch **Regression (minutes)**.",
             "It gives one number from 0 to 719. What will it say at 11:59, and what at 12:01?",
             "Near 12:00 it falls through the whole day: a continuous output has to pass every number between 719 and 0.",
             page="tell_time", figures=(median("Regression, median error", "regression_minutes"),)),
        Step("Watch **Sine and cosine of both hands** at the same place.", "Where does it have to jump?",
             "Nowhere: 11:59 and 12:01 are neighbours on a circle. The same layers, trained on the same clocks, have a "
             "fraction of the error.", page="tell_time", figures=(median("Regression, median error", "regression_minutes"),
                                                         median("Sine and cosine, median error", "sincos_hands"))),
        Step("Show **ring of classes** on the dial.", "720 classes or 24: which reads the minute better?",
             "720 classes are right to the minute most of the time; with 24 classes of half an hour each, a perfect answer "
             "is still minutes off.", page="tell_time",
             figures=(median("24 classes, median error", "classes_24"), median("72 classes, median error", "classes_72"),
                      median("720 classes, median error", "classes_720"))),
        Step("Take a picture of a clock in your room.", "Which clocks will it not read?",
             "The page frames every dial that it finds, reads it, and says how sure it is. Try dark, small and tilted ones.",
             page="tell_time", query=(("clock_tab", "An image of your own"),)),
    ), "The same network learns or fails depending on what its outputs mean. Give it targets without jumps.")


def _shortcut() -> Lesson:
    def error(title: str, experiment: str, network: str, metric: str) -> StoredFigure:
        return StoredFigure(title, "reports", metric, (("experiment", experiment), ("network", network)))

    return Lesson("what_it_reads", "What does it really read?", "Does a network that is right look at what you look at?", (
        Step("Draw the clock **on its table**, and turn the dial.",
             "What turns with it? Could you tell where 12 is without a numeral?",
             "The table and the light turn too: in the course's pictures a camera walks round one clock on one table, whose "
             "planks lie across the dial in the same way every time.",
             page="tell_time", query=(("clocks", "table"),)),
        Step("Move **Background rotation**, and watch **Learned on the table** beside the other networks, which learned "
             "clocks on any background.", "You still read the clock. Which of the networks do not?",
             "The first figure is the error on test clocks on their table, the second with the background rotated. The "
             "difference is what it read from the background instead of the numerals.",
             page="tell_time", query=(("clocks", "table"), ("background", "90")),
             figures=(StoredFigure("On the table", "table", "test_minutes", ()),
                      StoredFigure("Background rotated", "table", "background_minutes", ()))),
        Step("Take report 000's own network with two heads, many times as large, on the same clocks.",
             "Will a network of that size read the numerals?",
             "It did not need to: the background alone gives much of the answer, in training and in the test.",
             page="tell_time", query=(("clock_tab", "What we measured"),),
             figures=(error("On the table", "d3", "d3_two_heads", "test_minutes"),
                      error("Background rotated", "d3", "d3_two_heads", "background_minutes"))),
        Step("Look at report 000's regression, trained twice: on the table, and on backgrounds in any direction.",
             "Network, number of images and training are the same. Does it find the numerals when it has to?",
             "No: guessing is 180 minutes off. Numerals are small, and few pixels tell them apart; the background is large. "
             "Where it tells the answer it is learned first; where it does not, this training learns nothing.",
             page="experiments", query=(("exp", "d2_background"),),
             figures=(error("On the table", "d2", "d2_mae", "test_minutes"),
                      error("On any background", "d2_background", "d2_mae", "test_minutes"))),
    ), "Test images made as the training images were contain the same clues, and cannot show which network relies on one. "
       "Test once with the clue removed.")


def _noise() -> Lesson:
    def read(title: str, way: str, level: float) -> StoredFigure:
        return StoredFigure(title, "noisy_readings", "accuracy",
                            (("noise", "salt_pepper"), ("level", level), ("way", way)))

    def cleaned(title: str, method: str, level: float) -> StoredFigure:
        return StoredFigure(title, "noise", "accuracy",
                            (("data", "mnist"), ("noise", "salt_pepper"), ("level", level), ("method", method)))

    return Lesson("noise", "Does cleaning help?", "Should one clean a noisy image before reading it?", (
        Step("Set half of the pixels to black or white.", "You can still read it. Can a classifier that never saw noise?",
             "It guesses. What is easy for you is not easy for a network that learned clean images only.",
             page="denoise", query=(("level", "0.5"),), figures=(read("As it is", "clean_trained", 0.5),)),
        Step("Look at what a median filter and a denoiser make of the same image.", "Which one helps the classifier more?",
             "The filter knows nothing about digits; the denoiser learned what digits look like.", page="denoise",
             query=(("level", "0.5"),),
             figures=(cleaned("Median 5x5", "median5", 0.5), cleaned("Our denoiser", "conv", 0.5))),
        Step("Take the noise away: level 0.", "Does the denoiser harm a clean image?",
             "The difference between the two figures is the cost of cleaning a clean image.",
             page="denoise", query=(("level", "0.0"),),
             figures=(cleaned("Nothing done", "nothing", 0.0), cleaned("Our denoiser", "conv", 0.0))),
        Step("Ask the noise-trained classifier, which learned from noisy images too.", "Does it still need the denoiser?",
             "It reads noisy digits as they are, and learned from as many of them as the denoiser. The figures say which of "
             "the two ways reads more at half of the pixels.", page="denoise",
             query=(("level", "0.5"), ("denoise_tab", "What we measured")),
             figures=(read("As it is, noise-trained", "noise_trained", 0.5), read("Denoised first", "denoised", 0.5))),
    ), "Cleaning helps where there is much noise, and does not where there is none. Training on noisy images is the "
       "alternative.")


def _faces() -> Lesson:
    def card(title: str, metric: str, network: str) -> StoredFigure:
        return StoredFigure(title, "cats", metric, (("card", network),))

    return Lesson("gan_or_vae", "GAN or VAE?", "Two ways to generate a face: what is each good at?", (
        Step("Move the epoch slider from the first epoch to the last.", "Which one shows a face first?",
             "The VAE: it is told in every step what the right pixels are. The GAN's generator only hears whether it "
             "deceived the discriminator.",
             page="cat_faces"),
        Step("Compare single images at the last epoch.", "Which are sharper?",
             "The GAN's. The VAE's answer to several possible pixels is their mean, which is a blur.",
             page="cat_faces", figures=(card("GAN, sharpness (real = 1)", "sharpness", "gan_better"),
                                        card("VAE, sharpness (real = 1)", "sharpness", "vae_better fitted"))),
        Step("Redraw a face of your own.", "Which of the two can do that at all?",
             "The VAE: its encoder gives the latent code of any image. A GAN has no way back.",
             page="cat_faces", query=(("cats_tab", "Redraw a face"),)),
        Step("Read the report card.", "Which distance to real faces is smaller?",
             "The GAN's. Precision says how many drawn faces look real, recall how many real ones could be drawn.",
             page="cat_faces", query=(("cats_tab", "Report card"),),
             figures=(card("GAN, Fréchet distance", "frechet", "gan_better"),
                      card("VAE, Fréchet distance", "frechet", "vae_better fitted"))),
    ), "A GAN is sharper and cannot be asked about an image; a VAE is smoother and knows the way back.")


def _lessons() -> Iterator[Lesson]:
    yield from (_layers(), _learning_rate(), _over_fitting(), _activations(), _luck())
    yield from (_pixels(), _clock(), _shortcut(), _noise(), _faces())


#: Name -> lesson, in the order in which they build on each other.
LESSONS: dict[str, Lesson] = {lesson.name: lesson for lesson in _lessons()}
