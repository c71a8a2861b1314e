// @ts-check
/**
 * The door, the bar and the team's picture. The form below them is a widget of its own.
 *
 * The browser keeps a person's seat (team, name, code), so that a reload, a phone that slept or a server
 * that was restarted brings the same person back to the same place. All texts are data: text nodes, but
 * for the picture, which Python has escaped.
 */

const SEAT = "cxassess:seat";
const LOOK_EVERY = 5000; // ms between two looks at the team's answers
const KERNEL_EVERY = 15000; // ms between two looks whether this page's kernel is still there
const PARTS = ["assessment", "practices", "readiness", "result"];

/** @param {string} tag @param {Record<string, any>} [props] @param {...any} children @returns {any} */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if ((value ?? false) === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => (child ?? false) !== false));
  return element;
}

/** What this browser keeps; nothing where storage is forbidden. */
const kept = {
  read() {
    try {
      return JSON.parse(localStorage.getItem(SEAT) ?? "null") ?? {};
    } catch {
      return {};
    }
  },
  write(changes) {
    try {
      localStorage.setItem(SEAT, JSON.stringify({ ...kept.read(), ...changes }));
    } catch {
      // the person types the code again
    }
  },
};

/** What has been typed at the door: it outlives the view, which a host may draw twice. */
let typed = /** @type {Record<string, any>} */ ({});

/** @param {{model: any, el: HTMLElement}} view */
function render({ model, el }) {
  const state = { language: firstLanguage(), teams: /** @type {string[] | null} */ (null), seat: null, part: "", problem: "" };
  const root = h("main", { class: "cx-room" });
  const picture = h("section", { class: "cx-picture", hidden: true });
  const t = (key, values = {}) =>
    (model.get("texts")[state.language][key] ?? key).replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
  const ask = (type, more = {}) => model.send({ type, language: state.language, ...more });
  root.setAttribute("style", model.get("palette"));
  el.append(root);

  const heard = {
    hello({ teams, problem }) {
      state.teams = teams ?? [];
      const { team, name, code } = kept.read();
      state.problem = problem ?? "";
      if (code && !problem) ask("join", { team, name, code });
      else draw();
    },
    join({ seat, problem }) {
      state.problem = problem ?? "";
      if (seat) {
        state.seat = seat;
        kept.write(seat);
        open(PARTS.includes(kept.read().part) ? kept.read().part : PARTS[0]);
      } else {
        const { team, name } = typed.team ? typed : kept.read();
        typed = { team, name, back: true };
        draw();
        root.querySelector("[role=alert]")?.scrollIntoView({ block: "nearest" });
      }
    },
    open({ part, html, at, problem }) {
      state.part = part ?? state.part;
      state.problem = problem ?? "";
      kept.write({ part: state.part });
      draw();
      if (html) show(html, at);
      root.scrollIntoView(); // what scrolls is the host's, not the window
    },
    look({ html, at }) {
      if (html && state.part === "result") show(html, at);
    },
  };
  const hear = (message) => heard[message?.type]?.(message);
  model.on("msg:custom", hear);
  draw();
  ask("hello");
  const clocks = [
    setInterval(() => state.part === "result" && !document.hidden && ask("look"), LOOK_EVERY),
    setInterval(comeBack, KERNEL_EVERY),
  ];
  const woken = () => document.hidden || comeBack();
  document.addEventListener("visibilitychange", woken);
  return () => {
    clocks.forEach(clearInterval);
    document.removeEventListener("visibilitychange", woken);
    model.off("msg:custom", hear);
  };

  function firstLanguage() {
    const known = Object.keys(model.get("languages"));
    const wished = [kept.read().language, ...navigator.languages].map((one) => String(one).split("-")[0]);
    return wished.find((one) => known.includes(one)) ?? known[0];
  }

  function open(part) {
    ask("open", { part });
  }

  function speak(code) {
    state.language = code;
    kept.write({ language: code });
    readDoor();
    state.problem = "";
    draw();
    root.querySelector(".cx-languages [aria-pressed=true]")?.focus();
    if (state.seat) ask("open", { part: state.part });
  }

  function show(html, at) {
    picture.innerHTML = html;
    picture.append(h("p", { class: "cx-small" }, at));
    picture.hidden = false;
  }

  function draw() {
    document.documentElement.lang = state.language;
    document.title = t("title");
    root.lang = state.language;
    picture.hidden = true;
    const content = state.seat ? bar() : state.teams ? door(state.teams) : [h("p", {}, t("moment"))];
    root.replaceChildren(languages(), ...content, picture);
  }

  function languages() {
    const names = Object.entries(model.get("languages"));
    return h(
      "div",
      { class: "cx-languages", role: "group", "aria-label": t("language") },
      names.map(([code, name]) =>
        h("button", { type: "button", lang: code, "aria-pressed": String(code === state.language), onclick: () => speak(code) }, name),
      ),
    );
  }

  // The door

  /** @param {string[]} teams */
  function door(teams) {
    const { team = "", name = "", code = "", back = false, fresh: chosen = false } = typed;
    const isNew = chosen || !teams.length || (team !== "" && !teams.includes(team));
    const choice = h(
      "select",
      { id: "cx-team", name: "team", onchange: () => (fresh.hidden = choice.value !== "") },
      h("option", { value: "=", selected: !team && !isNew, disabled: true, hidden: true }, t("choose_team")),
      teams.map((one) => h("option", { value: `=${one}`, selected: one === team && !isNew }, one)),
      h("option", { value: "", selected: isNew }, t("new_team")),
    );
    const fresh = h(
      "div",
      { hidden: !isNew },
      h("label", { for: "cx-new-team" }, t("team_name")),
      h("input", { id: "cx-new-team", name: "other", maxlength: 80, autocomplete: "off", value: isNew ? team : "" }),
    );
    return [
      h("h1", {}, t("title")),
      state.problem && h("p", { role: "alert" }, state.problem),
      h(
        "form",
        { class: "cx-door", onsubmit: enter, oninput: readDoor },
        teams.length > 0 && h("div", {}, h("label", { for: "cx-team" }, t("your_team")), choice),
        fresh,
        h(
          "div",
          {},
          h("label", { for: "cx-name" }, t("your_name")),
          h("p", { id: "cx-name-help" }, t("name_help")),
          h("input", { id: "cx-name", name: "name", required: true, maxlength: 80, autocomplete: "nickname", "aria-describedby": "cx-name-help", value: name }),
        ),
        h(
          "details",
          { open: back },
          h("summary", {}, t("back")),
          h("label", { for: "cx-code" }, t("your_code")),
          h("p", { id: "cx-code-help" }, t("code_help")),
          h("input", { id: "cx-code", name: "code", maxlength: 20, autocomplete: "off", autocapitalize: "none", spellcheck: "false", "aria-describedby": "cx-code-help", value: code }),
        ),
        h("div", { class: "cx-privacy" }, h("h2", {}, t("privacy_title")), h("p", {}, t("privacy"))),
        h("button", { type: "submit", class: "cx-primary" }, t("come_in")),
      ),
    ];
  }

  function readDoor() {
    const form = root.querySelector(".cx-door");
    if (!form) return;
    const { team, other, name, code } = Object.fromEntries(new FormData(form));
    const fresh = (team ?? "") === "";
    typed = { team: fresh ? other : team.slice(1), fresh, name, code, back: form.querySelector("details").open };
  }

  function enter(event) {
    event.preventDefault();
    readDoor();
    const { team, name, code } = typed;
    if (!team) (root.querySelector("#cx-new-team:not([hidden] *)") ?? root.querySelector("#cx-team")).focus();
    else ask("join", { team, name, code });
  }

  // Inside

  function bar() {
    const { team, name, code } = state.seat;
    return [
      h("p", { class: "cx-who" }, t("who", { team, name })),
      h(
        "nav",
        { class: "cx-parts", "aria-label": t("parts") },
        PARTS.map((part) =>
          h("button", { type: "button", "aria-current": part === state.part ? "page" : false, onclick: () => open(part) }, t(part)),
        ),
      ),
      state.problem && h("p", { role: "alert" }, state.problem),
      h(
        "details",
        { class: "cx-code" },
        h("summary", {}, t("code_line", { code })),
        h("p", {}, t("come_back", { code })),
        h("button", { type: "button", onclick: leave }, t("leave")),
      ),
    ];
  }

  function leave() {
    if (!confirm(t("leave_sure", { code: state.seat.code }))) return;
    try {
      localStorage.removeItem(SEAT);
    } catch {
      // nothing was kept
    }
    location.reload();
  }

  /** Loads the page anew when its kernel has gone: seat and unsent answers are in this browser. */
  async function comeBack() {
    const config = JSON.parse(document.getElementById("jupyter-config-data")?.textContent ?? "{}");
    if (!config.kernelId || !state.seat) return;
    try {
      const answer = await fetch(`${config.baseUrl}api/kernels/${config.kernelId}`, { cache: "no-store" });
      if (answer.status === 404 || answer.status === 403) location.reload();
    } catch {
      // no network: the form says so, and this comes round again
    }
  }
}

export default { render };
