"""Whether denoising helps, in words."""

from lib.measures.denoising import at_level, denoising_words, differs, levels_won


def rows(clean, denoised, twin, images=10_000):
    shares = {"clean_trained": clean, "denoised": denoised, "noise_trained": twin, "denoised_noise_trained": denoised}
    return [{"way": way, "level": level, "accuracy": share if level else 0.99, "images": images}
            for level in (0.0, 0.3, 0.5) for way, share in shares.items()]


def test_chance_is_no_difference():
    assert not differs({"accuracy": 0.90, "images": 100}, {"accuracy": 0.95, "images": 100})
    assert differs({"accuracy": 0.90, "images": 10_000}, {"accuracy": 0.95, "images": 10_000})


def test_levels_are_won_beyond_chance_and_level_0_does_not_count():
    assert levels_won(rows(0.1, 0.97, 0.98), "denoised", "clean_trained") == ([0.3, 0.5], [])
    assert levels_won(rows(0.1, 0.97, 0.98), "denoised", "noise_trained") == ([], [0.3, 0.5])
    assert at_level(rows(0.1, 0.97, 0.98), 0.5)["denoised"]["accuracy"] == 0.97


def test_the_answer_follows_from_the_figures():
    better_without = denoising_words(rows(0.1, 0.97, 0.98))
    assert "helps a classifier that never saw noise at 2 of 10" in better_without and "does better without" in better_without
    assert "97.0 % denoised, 98.0 % by the noise-trained classifier alone" in better_without
    assert "beats this much training on noise" in denoising_words(rows(0.1, 0.98, 0.97))
    assert "no difference beyond chance" in denoising_words(rows(0.1, 0.97, 0.97))
    assert "helps a classifier that never saw noise at no level and harms it" in denoising_words(rows(0.9, 0.5, 0.9))
