import streamlit as st

from lib.ui.frame import PAGES, page_script
from lib.ui.home_panel import running_now

st.title("Neural Lab")
st.markdown(
    "A neural-network laboratory: pick a network, train it on real images on this machine, watch it learn, and ask it "
    "questions. Nothing leaves your computer."
)
cards = st.columns(2)
for place, page in zip(cards, PAGES[1:], strict=False):
    with place.container(border=True):
        st.markdown(f"#### {page.icon} {page.question}")
        st.page_link(page_script(page.name), label=f"Open {page.title}", icon=":material/arrow_forward:")
st.subheader("Running now")
running_now()
st.subheader("Where to start")
st.markdown(
    "1. Open **Train** and press the button: a small network learns 1,200 handwritten digits in a few seconds.\n"
    "2. Choose **MNIST** and the same network: 54,000 digits, and the figure that report 000 printed to compare with.\n"
    "3. Change one thing (dropout, learning rate, activation), train again, and compare both on **Runs**."
)
