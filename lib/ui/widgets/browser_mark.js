// Which browser this is: a random word that it keeps. Where nothing can be kept (a private window), the session's own does.
export default function({ data, setStateValue }) {
  let { token, teacher } = data;
  try {
    const kept = window.localStorage;
    token = kept.getItem("neural-lab-browser") || token;
    teacher = teacher || kept.getItem("neural-lab-teacher") || "";
    kept.setItem("neural-lab-browser", token);
    if (teacher) kept.setItem("neural-lab-teacher", teacher);
  } catch (refused) {
    console.debug("Nothing can be kept in this browser.", refused);
  }
  setStateValue("found", { token, teacher, width: window.innerWidth });
}
