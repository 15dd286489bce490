"""The words of the field that pages use, each in a sentence or two."""

from __future__ import annotations

import html
import re

#: Term -> what it means. Longer terms are looked for first.
TERMS = {
    "accuracy": "The share of images whose class the network names rightly.",
    "activation": "The function that a layer applies to each of its sums. Without it several layers could do no more than "
                  "one.",
    "autoencoder": "A network that compresses an image to few numbers and rebuilds the image from them.",
    "batch": "The images that one step learns from together.",
    "batch normalisation": "Shifts and scales a layer's outputs to mean 0 and variance 1 over the batch, then learns "
                           "another mean and scale.",
    "CNN": "Convolutional neural network: its layers look at small windows of the image with the same weights everywhere.",
    "confusion matrix": "A table of true against predicted class, with the number of images in each cell.",
    "cross-entropy": "The loss of classifiers: minus the logarithm of the probability given to the true class.",
    "dropout": "While training, a random share of a layer's outputs is set to zero, so that no unit relies on another.",
    "early stopping": "Training ends when the validation figure has not improved for so many epochs (the patience).",
    "epoch": "One pass through all training images.",
    "GAN": "Generative adversarial network: a generator draws, a discriminator tells drawn from real, and each learns "
           "from the other.",
    "feature map": "What one kernel finds in an image: one number for every place.",
    "Grad-CAM": "Where the last convolution found evidence for a class: its maps, weighted by how much the score depends "
                "on each.",
    "kernel": "The small window of weights that a convolution lays over every place of its input.",
    "latent": "The few numbers between encoder and decoder that stand for an image.",
    "learning rate": "The factor by which the gradient is multiplied in every step: a larger one moves the weights further.",
    "loss": "A number that says how wrong the network is. Training makes it small.",
    "MLP": "Multilayer perceptron: every unit of a layer sees every unit of the layer before.",
    "over-fitting": "The network memorises its training images: training loss falls while validation loss rises.",
    "parameters": "The numbers that training changes: weights and biases.",
    "PCA": "Principal component analysis: the directions along which many points differ most.",
    "permutation": "A fixed reordering of the pixels, the same for every image.",
    "pooling": "Keeps one number of each small window, the largest or the mean.",
    "receptive field": "The part of the image that can change one number inside the network.",
    "regularisation": "What keeps a network from memorising its training images: dropout, weight decay.",
    "seed": "The number that decides everything random. The same seed gives the same curve.",
    "saliency": "How much each pixel changes the score of a class.",
    "softmax": "Turns the outputs into probabilities that add up to one.",
    "test images": "Images that neither training nor any choice has seen; they are judged once, at the end.",
    "t-SNE": "Lays points of many numbers out on a plane so that near neighbours stay neighbours; distances between far "
             "groups mean nothing.",
    "VAE": "Variational autoencoder: an autoencoder whose latent codes follow a normal distribution, so that new ones "
           "can be drawn.",
    "validation": "Images set aside from training: they choose when to stop and which network is best.",
    "weight decay": "A penalty on large weights (L2), which keeps the network's function smooth.",
}
_LONGEST_FIRST = "|".join(sorted(map(re.escape, TERMS), key=len, reverse=True))
_ANY = re.compile(rf"(?<![\w-])({_LONGEST_FIRST})(?![\w-])", re.IGNORECASE)
_BY_LOWER = {term.lower(): term for term in TERMS}


def explained(text: str) -> str:
    """`text` (Markdown of our own) with the first use of each term as an HTML `abbr` that holds its meaning."""
    seen: set[str] = set()

    def one(match: re.Match[str]) -> str:
        term = _BY_LOWER[match.group().lower()]
        # An abbreviation is one only in capitals.
        if term in seen or (term.isupper() and not match.group().isupper()):
            return match.group()
        seen.add(term)
        return f'<abbr title="{html.escape(TERMS[term])}">{match.group()}</abbr>'

    return _ANY.sub(one, text)
