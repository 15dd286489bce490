import streamlit as st

from lib.catalog.glossary import explained
from lib.ui.home.panel import page_cards, reports_note, running_now

st.title("Neural Lab")
st.markdown(
    "A neural-network laboratory: pick a network, train it on real images, watch it learn, and ask it questions. "
    "Images stay on the computer that runs this app, and on its cluster if it has one."
)
running_now()
st.markdown(explained(
    "1. Open **Train** and press the button: a small network learns handwritten digits in a few seconds.\n"
    "2. Choose **MNIST** and the same network: more digits, and the figure that report 000 printed to compare with.\n"
    "3. Change one thing (dropout, learning rate, activation), train again, and compare both on **Runs**.\n"
    "4. Or take a lesson: **Lessons** asks what you expect, sets each step up behind a link, and says what was measured."
), unsafe_allow_html=True)
page_cards()
reports_note()
