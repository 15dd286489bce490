// Stands in the head of every document, so that it has run before Streamlit's own front end starts.

// The server learns the window's width with the first request of a session.
document.cookie = `neural-lab-width=${window.innerWidth}; path=/; samesite=lax`;

// Streamlit adds a browser history entry for every change of the URL's query. A set-up is edited in many small changes:
// they replace the entry instead, so that Back leads to the page before. On the way to another page Streamlit writes that
// page's query first and its path after: the entry of the page that is left then gets back the URL it was left with.
{
  const push = history.pushState.bind(history), together = 500; // ms, for pages that a button opens
  const path = url => new URL(url, location.href).pathname;
  let edited = {before: "", last: -Infinity}, clicked = {from: "", to: ""};
  addEventListener("click", event => {
    const link = event.target.closest("a[href]");
    if (link) clicked = {from: location.href, to: path(link.href)};
  }, true);
  history.pushState = (state, title, url) => {
    if (url != null && path(url) === location.pathname) {
      const now = performance.now();
      edited = {before: now - edited.last < together ? edited.before : location.href, last: now};
      history.replaceState(state, title, url);
      return;
    }
    const left = clicked.to === path(url) ? clicked.from : performance.now() - edited.last < together && edited.before;
    if (left && path(left) === location.pathname) history.replaceState(history.state, "", left);
    clicked = {from: "", to: ""};
    edited.last = -Infinity;
    push(state, title, url);
  };
}

// On a narrow window the menu lies over the page. Streamlit folds it after a choice only on what calls itself a phone, and
// opens it in the next document wherever it was left open.
{
  const narrow = matchMedia("(max-width: 768px)"); // Streamlit's own
  const fold = () => narrow.matches && document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click();
  addEventListener("click", event => event.target.closest("[data-testid=stSidebar] a") && fold());
  addEventListener("popstate", fold);
  for (const key of Object.keys(narrow.matches ? localStorage : {}))
    if (key.startsWith("stSidebarCollapsed-") && localStorage[key] === "false") localStorage.removeItem(key);
}

// Chromium drops the comma of "0,005" typed into a field of numbers, which then says 5.
addEventListener("beforeinput", event => {
  if (event.target.type !== "number" || !(event.target.step < 1) || !/^[^.]*,[^.,]*$/.test(event.data)) return;
  event.preventDefault();
  document.execCommand("insertText", false, event.data.replace(",", "."));
});
