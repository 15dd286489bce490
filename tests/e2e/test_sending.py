"""What components send and show: in order over the visits of a page, nothing once it was left, and never older data."""

import pytest

from tests.conftest import ROOT

pytestmark = pytest.mark.e2e

#: A state that is changed twice in one go, on a page that is then left or not, and one that is made anew afterwards.
_VISIT = """left => {
  const sent = [];
  const make = () => {
    const place = document.body.appendChild(document.createElement("div"));
    return keptAt(place, () => {
      const one = new Sending(50, 1000);
      one.newest = () => ["state", {}];
      one.send = (name, state) => sent.push(state.seq);
      return one;
    });
  };
  const change = one => { one.dirty = true; one.flush(); };
  const first = make();
  change(first); change(first);
  if (left) first.shownAt.remove();
  window.again = () => { change(make()); return sent; };
}"""


@pytest.mark.parametrize(("left", "sent"), [(False, 3), (True, 2)])
def test_a_page_that_was_left_sends_nothing_and_numbers_go_on_when_it_is_visited_again(left, sent, new_tab):
    page = new_tab().page
    page.clock.install()
    page.set_content("<body></body>")
    page.clock.fast_forward(5_000)
    shared = (ROOT / "lib/ui/widgets/shared.js").read_text()
    page.evaluate(f"left => {{ {shared}; ({_VISIT})(left); }}", left)
    page.clock.run_for(3_000)
    numbers = page.evaluate("again()")
    assert len(numbers) == sent and numbers == sorted(set(numbers))


def test_data_that_come_late_are_not_shown_over_newer_ones(new_tab):
    page = new_tab().page
    page.set_content("<body></body>")
    shared = (ROOT / "lib/ui/widgets/shared.js").read_text()
    shown = page.evaluate(f"""() => {{
      {shared};
      const shown = [], show = newest(({{data}}) => shown.push(data.words));
      const show_at = (place, number, words) => show({{parentElement: place, data: {{number, words}}}});
      const here = document.createElement("div"), anew = document.createElement("div");
      show_at(here, 2, "second"); show_at(here, 1, "first"); show_at(here, 2, "second again"); show_at(here, 3, "third");
      show_at(anew, 1, "first of another place");
      return shown;
    }}""")
    assert shown == ["second", "second again", "third", "first of another place"]
