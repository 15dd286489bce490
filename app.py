"""Neural Lab. Start with `streamlit run app.py`.

The script that Streamlit runs for every page is lib/ui/router/main.py. It does not stand here because
Streamlit takes a folder `pages/` beside its main script for an older kind of multi-page app: on a fresh
server, a first request for /train would then run that page without the app's frame around it.
"""

import streamlit as st

app = st.App("lib/ui/router/main.py")
