"""What curves say in words."""

from lib.measures.generative_reading import gan_reading, vae_reading


def gan(**metrics):
    usual = {"val_diversity": 0.9, "real_accuracy": 0.7, "fake_accuracy": 0.7, "val_real_accuracy": 0.6}
    return [{"epoch": epoch, **usual, **metrics} for epoch in range(5)]


def levels(reading):
    return [level for level, _ in reading]


def test_a_gan_that_goes_well_a_collapsed_one_and_a_lost_one():
    assert levels(gan_reading(gan())) == ["success"]
    ((level, sentence),) = gan_reading(gan(val_diversity=0.1))
    assert level == "warning" and "10%" in sentence and "collaps" in sentence
    assert "wins" in gan_reading(gan(real_accuracy=1.0, fake_accuracy=0.99, val_real_accuracy=0.9))[0][1]
    assert "by chance" in gan_reading(gan(real_accuracy=0.5, fake_accuracy=0.5))[0][1]
    assert "memorise" in gan_reading(gan(real_accuracy=0.85, fake_accuracy=0.85, val_real_accuracy=0.3))[0][1]


def test_only_the_last_epochs_count_and_no_epoch_says_nothing():
    assert levels(gan_reading([*gan(val_diversity=0.1), *gan()])) == ["success"]
    assert gan_reading([]) == vae_reading([]) == []


def test_a_vae_that_learns_nothing_or_over_fits_is_named():
    rows = [{"epoch": e, "val_loss": 10.0 - e, "val_kl": 30.0} for e in range(6)]
    assert levels(vae_reading(rows)) == ["success"]
    assert "alike" in vae_reading([{"epoch": 0, "val_loss": 1.0, "val_kl": 0.01}])[0][1]
    assert "epoch 1 " in vae_reading([{"epoch": e, "val_loss": 10.0 + e, "val_kl": 30.0} for e in range(6)])[0][1]
