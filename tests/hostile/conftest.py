"""Homes, pages and runners of the hostile tests are those of the page tests."""

from tests.pages.conftest import open_page, use_runner

__all__ = ["open_page", "use_runner"]
