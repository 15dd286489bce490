// Streamlit adds a browser history entry for every change of the URL's query. A set-up is edited in many small changes:
// they replace the entry instead, so that Back leads to the page before.
export default function() {
  const history = window.history;
  if (history.pushState.replacesOnOnePage) return;
  const push = history.pushState.bind(history);
  const entry = (state, title, url) => {
    const stays = url != null && new URL(url, window.location.href).pathname === window.location.pathname;
    if (stays) history.replaceState(state, title, url); else push(state, title, url);
  };
  entry.replacesOnOnePage = true;
  history.pushState = entry;
}
