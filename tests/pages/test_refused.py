"""The Train page refuses what cannot succeed, with one message, before a run begins."""

from tests.fakes import fake_train


def test_a_run_without_images_and_network_does_not_begin(open_page, use_runner, monkeypatch):
    runner = use_runner(fake_train)
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "no connection")
    app = open_page("train", data="fashion_mnist")
    app = app.button(key="start").click().run()
    assert not app.exception and runner.store.records() == ()
    (error,) = app.error
    assert error.value.startswith("Fashion-MNIST is not on this machine") and len(error.value.splitlines()) == 2
    assert "SHA-256" not in error.value


def test_the_download_button_says_the_same(open_page, use_runner, monkeypatch):
    use_runner(fake_train)
    monkeypatch.setattr("lib.datasets.ready.no_answer", lambda remote: "no connection")
    app = open_page("train", data="mnist").button(key="download").click().run()
    assert not app.exception and [error.value.split(" is ")[0] for error in app.error] == ["MNIST"]


def test_more_images_than_there_are_cannot_be_trained_on(open_page, use_runner):
    use_runner(fake_train)
    app = open_page("train", data="digits", images="20000")
    assert not app.exception and app.button(key="start").disabled
    assert any("at most 1,350 training images" in error.value for error in app.error)
