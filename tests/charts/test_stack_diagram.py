"""What the diagram of a network says of each block."""

from lib.charts.stack_diagram import count_words, diagram_data, stack_blocks, total_words
from lib.spec.specs import ConvSpec, DenseSpec, DropoutSpec, FlattenSpec, PoolSpec
from lib.spec.stack import Stack

MNIST = (28, 28, 1)
CNN = Stack((ConvSpec(8, padding="valid", l2=0.001), PoolSpec(2, strides=1), FlattenSpec(), DropoutSpec(0.25),
             DenseSpec(16, "leaky_relu", slope=0.3)))


def blocks_of(stack, fault=None, words=""):
    return stack_blocks(stack, stack.check(MNIST, 10), MNIST, fault, words)


def test_every_block_says_its_shape_and_costs():
    blocks = blocks_of(CNN)
    assert [block.kind for block in blocks] == ["input", "conv", "pool", "flatten", "dropout", "dense", "output"]
    assert [block.shape_text for block in blocks] == [
        "28 × 28 × 1", "26 × 26 × 8", "25 × 25 × 8", "5000", "5000", "16", "10"]
    assert [block.parameters for block in blocks] == ["", "80", "0", "0", "0", "80,016", "170"]
    assert blocks[1].work == "48,672" and blocks[5].work == "80,000"
    assert abs(sum(block.parameter_share for block in blocks) - 1) < 1e-9 > abs(sum(b.work_share for b in blocks) - 1)
    assert [block.fixed for block in blocks] == [True, *[False] * 5, True]


def test_every_block_says_what_is_set_in_it():
    assert [block.detail for block in blocks_of(CNN)] == [
        "", "8 filters 3×3, no padding, relu, L2 0.001", "max of 2×2, stride 1", "", "rate 0.25",
        "16 units, leaky relu 0.3", "softmax, 10 classes"]


def test_the_faulty_layer_is_marked_and_nothing_is_said_of_those_behind_it():
    stack = Stack((PoolSpec(28), PoolSpec(2), FlattenSpec()))
    blocks = blocks_of(stack, 1, "It no longer fits.")
    assert [block.fault for block in blocks] == ["", "", "It no longer fits.", "", ""]
    assert [block.shape_text for block in blocks] == ["28 × 28 × 1", "1 × 1 × 1", "?", "?", "?"]
    assert total_words(stack.check(MNIST, 10)).startswith("As far as it fits: 0 parameters")


def test_the_total_is_the_sum_and_long_counts_are_short():
    assert total_words(CNN.check(MNIST, 10)) == "80,266 parameters, 0.13 M multiply-adds an image"
    assert [count_words(n) for n in (9_999_999, 12_340_000, 4_200_000_000)] == ["9,999,999", "12.3 M", "4.2 G"]


def test_a_browser_gets_plain_values():
    data = diagram_data(blocks_of(CNN))
    assert data[1]["shape"] == (26, 26, 8) and all(isinstance(block, dict) for block in data)
