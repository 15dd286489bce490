"""What a layer of Keras is called on the page, in the words that summaries of an architecture have for it."""

from __future__ import annotations

from typing import Any

from lib.models.inside.functions import activation_of

_NAMES = {
    "Flatten": "Flatten", "Reshape": "Written as maps", "Cropping2D": "Cropped", "Add": "Added", "Concatenate": "Joined",
    "First": "Means of the code", "Given": "Class that it is told", "BatchNormalization": "Batch normalisation",
    "GlobalAveragePooling2D": "Global average pooling", "GlobalMaxPooling2D": "Global max pooling",
}


def layer_title(part: Any) -> str:
    """"Convolution 32 x 3x3, stride 2, relu"; the name of its class for one that has no words."""
    kind = type(part).__name__
    match kind:
        case "Conv2D" | "Conv2DTranspose":
            size = "x".join(map(str, part.kernel_size))
            stride = f", stride {part.strides[0]}" if part.strides[0] > 1 else ""
            name = "Convolution" if kind == "Conv2D" else "Transposed convolution"
            return f"{name} {part.filters} x {size}{stride}{_activation(part)}"
        case "Dense":
            return f"Dense {part.units}{_activation(part)}"
        case "MaxPooling2D" | "AveragePooling2D":
            return f"{'Max' if kind[0] == 'M' else 'Average'} pooling {'x'.join(map(str, part.pool_size))}"
        case "UpSampling2D":
            return f"Enlarged {part.size[0]} times"
        case "Dropout":
            return f"Dropout {part.rate:g}"
        case "GaussianNoise":
            return f"Gaussian noise {part.stddev:g}"
        case "Rescaling":
            return f"Times {float(part.scale):g}, plus {float(part.offset):g}"
        case "Activation" | "LeakyReLU" | "ReLU" | "ELU" | "Softmax":
            return _activation(part)[2:].capitalize() or "Linear"
    return _NAMES.get(kind, kind)


def _activation(part: Any) -> str:
    """", relu", "" for none."""
    found = activation_of(part)
    if found.name == "linear":
        return ""
    slope = f" {found.slope:g}" if found.name == "leaky_relu" else ""
    return f", {found.name.replace('_', ' ')}{slope}"
