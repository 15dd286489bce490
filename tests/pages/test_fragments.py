"""Parts of a page that rerun alone."""

import pytest
from streamlit.testing.v1 import AppTest


def _page_that_the_visitor_leaves(draw_again):
    import streamlit as st
    from streamlit.runtime.scriptrunner import get_script_run_ctx
    from streamlit.runtime.scriptrunner_utils.script_requests import RerunData

    context = get_script_run_ctx()
    if "clicked" not in st.session_state:
        st.session_state["clicked"] = True  # on a link, while a fragment is at work
        context.script_requests.request_rerun(RerunData("went=there", page_script_hash=context.page_script_hash))
        draw_again()
    st.write(st.query_params.get("went", "nowhere"))


@pytest.mark.parametrize("alone", [False, True])
def test_a_page_that_draws_itself_again_does_not_take_a_click_away(alone):
    import streamlit as st

    from lib.ui.fragments import draw_page_again

    app = AppTest.from_function(_page_that_the_visitor_leaves, kwargs={"draw_again": st.rerun if alone else draw_page_again})
    # Should Streamlit's own go there one day, `draw_page_again` is not needed any more.
    assert app.run().markdown[0].value == ("nowhere" if alone else "there")
