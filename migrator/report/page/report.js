"use strict";
document.documentElement.className = "scripted";
document.addEventListener("DOMContentLoaded", () => {
  const KEYS = ["q", "status", "level", "code", "dir"];
  const form = document.querySelector("form");
  const byId = (id) => document.getElementById(id);

  // Numbers and names that a filter belongs to become links to it.
  for (const span of document.querySelectorAll("[data-filter]")) {
    const link = document.createElement("a");
    link.href = "#" + span.dataset.filter.replace(/=(.*)$/, (_, value) => "=" + encodeURIComponent(value));
    link.className = span.className;
    link.append(...span.childNodes);
    if (span.dataset.name) link.setAttribute("aria-label", link.textContent + " " + span.dataset.name);
    span.replaceWith(link);
  }
  if (!form) return;

  // The lines of a file wait in its noscript element as text; what is said about it is read from there at once.
  const NOTE = /<div class="note [^]*?<\/div>/g;
  const files = [...document.querySelectorAll(".file")].map((element) => {
    const waiting = element.querySelector("noscript");
    const said = document.createElement("template");
    said.innerHTML = (waiting.textContent.match(NOTE) || []).join("");
    const notes = [...said.content.children].map((note) => ({
      id: note.id,
      call: note.classList.contains("call"),
      status: note.dataset.status.split(" "),
      level: note.dataset.level,
      code: note.dataset.code.split(" "),
      words: note.textContent.toLowerCase() + " " + note.dataset.code.toLowerCase(),
      hidden: false,
    }));
    return { element, waiting, notes, path: element.dataset.path, found: element.dataset.path.toLowerCase() };
  });

  function show(file) {
    if (!file.waiting) return;
    file.waiting.insertAdjacentHTML("afterend", file.waiting.textContent);
    file.waiting.remove();
    file.waiting = null;
    for (const run of file.element.querySelectorAll(".diff:not(.single) > .same")) {
      const right = run.firstElementChild.cloneNode(true);
      right.setAttribute("aria-hidden", "true");
      [...right.children].forEach((line, at) => { line.dataset.n = Number(run.dataset.new) + at; });
      run.append(right);
    }
    for (const note of file.notes) if (note.hidden) byId(note.id).hidden = true;
  }

  for (const file of files) {
    if (file.element.open) show(file);
    file.element.addEventListener("toggle", () => show(file));
  }
  const total = count(files.flatMap((file) => file.notes));

  function count(notes) {
    const calls = notes.filter((note) => note.call).length;
    return { calls, findings: notes.length - calls };
  }

  function inFolder(path, folder) {
    return !folder || (folder === "." ? !path.includes("/") : path.startsWith(folder + "/"));
  }

  function says(note, words) {
    return words.every((word) => note.words.includes(word));
  }

  function matches(note, state, words) {
    return (!state.status || note.status.includes(state.status)) && (!state.level || note.level === state.level) &&
      (!state.code || note.code.includes(state.code)) && says(note, words);
  }

  function apply(state) {
    const words = state.q.toLowerCase().split(/\s+/).filter(Boolean);
    const narrowed = state.status || state.level || state.code;
    const shown = [];
    let open = 0;
    for (const file of files) {
      const rest = words.filter((word) => !file.found.includes(word));
      let any = !narrowed && !rest.length;
      const within = inFolder(file.path, state.dir);
      for (const note of within ? file.notes : []) {
        const match = matches(note, state, rest);
        if (note.hidden === match) {
          note.hidden = !match;
          if (!file.waiting) byId(note.id).hidden = !match;
        }
        if (match) shown.push(note);
        any ||= match;
      }
      file.element.hidden = !(within && any);
      open += within && any;
    }
    const now = count(shown);
    const of = (part, whole, noun) => (part === whole ? whole.toLocaleString("en") : part.toLocaleString("en") + " of " +
      whole.toLocaleString("en")) + " " + noun + (whole === 1 ? "" : "s");
    // Where only findings are shown, "0 calls" would say that they are about none.
    const counted = [[now.calls, total.calls, byId("result").dataset.subject], [now.findings, total.findings, "finding"]];
    const told = shown.length ? counted.filter((each) => each[0]) : counted;
    byId("result").textContent = [[open, files.length, "file"], ...told].map((each) => of(...each)).join(", ");
    byId("none").hidden = open > 0;
    byId("clear").disabled = !KEYS.some((key) => state[key]);
    for (const select of form.querySelectorAll("select")) select.classList.toggle("set", Boolean(select.value));
  }

  function fromForm() {
    return Object.fromEntries(KEYS.map((key) => [key, form.elements[key].value.trim()]));
  }

  function fromHash() {
    const given = new URLSearchParams(location.hash.slice(1));
    return Object.fromEntries(KEYS.map((key) => [key, given.get(key) || ""]));
  }

  function toForm(state) {
    for (const key of KEYS) {
      const field = form.elements[key];
      if (field.options && state[key] && ![...field.options].some((option) => option.value === state[key])) {
        field.add(new Option(state[key], state[key]));
      }
      field.value = state[key];
    }
  }

  function remember(state) {
    const given = new URLSearchParams(Object.entries(state).filter(([, value]) => value));
    const hash = given.toString();
    history.replaceState(null, "", hash ? "#" + hash : location.pathname + location.search);
  }

  // A hash with "=" is a state of the filters; another one is a place on the page.
  function visit() {
    if (location.hash.includes("=")) {
      toForm(fromHash());
      apply(fromForm());
      return true;
    }
    const name = location.hash.slice(1);
    const holder = files.find((file) => file.element.id === name || file.notes.some((note) => note.id === name));
    if (holder) show(holder);
    const target = name && byId(name);
    for (let at = target; at; at = at.parentElement) {
      if (at.tagName === "DETAILS") at.open = true;
      at.hidden = false;
    }
    if (target) {
      target.scrollIntoView();
      if (target.tabIndex === -1) target.focus({ preventScroll: true });
    }
    return false;
  }

  let waiting = 0;
  const changed = () => {
    clearTimeout(waiting);
    const state = fromForm();
    apply(state);
    remember(state);
  };
  form.addEventListener("input", (event) => {
    clearTimeout(waiting);
    waiting = setTimeout(changed, event.target.type === "search" ? 120 : 0);
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    changed();
  });
  byId("clear").addEventListener("click", () => {
    form.reset();
    changed();
    form.elements.q.focus();
  });
  const setAll = (open) => files.forEach((file) => { if (!file.element.hidden) file.element.open = open; });
  addEventListener("beforeprint", () => files.forEach((file) => { if (!file.element.hidden) show(file); }));
  byId("unfold").addEventListener("click", () => setAll(true));
  byId("fold").addEventListener("click", () => setAll(false));
  addEventListener("hashchange", () => {
    if (visit()) {
      const section = byId("files");
      section.scrollIntoView();
      section.focus({ preventScroll: true });
    } else if (!location.hash) {
      form.reset();
      apply(fromForm());
    }
  });

  if (!visit()) apply(fromForm());
});
