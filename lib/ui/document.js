// Stands in the head of every document, so that it has run before Streamlit's own front end starts.

// The server learns the window's width with the first request of a session.
document.cookie = `neural-lab-width=${window.innerWidth}; path=/; samesite=lax`;

// Streamlit adds a browser history entry for every change of the URL's query. A set-up is edited in many small changes:
// they replace the entry instead, so that Back leads to the page before.
{
  const push = history.pushState.bind(history);
  history.pushState = (state, title, url) => {
    const stays = url != null && new URL(url, location.href).pathname === location.pathname;
    if (stays) history.replaceState(state, title, url); else push(state, title, url);
  };
}
