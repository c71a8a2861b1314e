// @ts-check
/** What the assessment's and the playbook's page both do: start, panels, files in and out, results, news. */
import { browserHost, button, forgetUnsent, h } from "./form.js";
import { startPython, Unavailable } from "./python.js";

const MOST_MB = 5;
const LONGEST_NAME = 60;
const MOST_BYTES = 180;
const AT_ONCE = 250; // ms within which a result needs no word that it is under way

/** @typedef {import("./form.js").Host} Host */
/** @typedef {import("./form.js").Values} Values */
/** @typedef {import("./form.js").Spec} Spec */
/** @typedef {import("./python.js").Reply} Reply */
/** @typedef {import("./python.js").Progress} Progress */
/** @typedef {(key: string, data?: Record<string, unknown>) => string} Say */
/** @typedef {{name: string, text: string} | {name: string, bytes: number[]}} Given  a file as Python takes it */

/**
 * What a page starts with: its place, texts and forms, the answers kept under `key`, and Python on its way.
 * @param {string} key
 */
export async function startPage(key) {
  const place = /** @type {HTMLElement} */ (document.getElementById("cx-live"));
  const forms = await (await fetch(place.dataset.texts ?? "")).json();
  const absolute = (address) => new URL(address ?? "", location.href).href;
  const python = startPython({
    pyodide: absolute(place.dataset.pyodide), package: absolute(place.dataset.package), language: forms.language,
  });
  const t = speaker(forms.texts);
  const host = browserHost(key);
  const storage = h("p", { class: "cx-warning" }, t("no_storage"));
  const showStorage = () => (storage.hidden = host.stores());
  showStorage();
  return {
    t, host, python, forms, showStorage,
    /** Shows the page. @param {...any} content */
    show(...content) {
      const damaged = host.damaged && h("p", { class: "cx-warning" }, t("damaged"));
      place.replaceChildren(...[h("p", { class: "cx-private" }, t("private")), storage, damaged].filter(Boolean), ...content);
    },
    /** It can be used. */
    ready() {
      place.dataset.ready = "true";
      python.prepare();
    },
  };
}

/** @param {Record<string, string>} texts @returns {Say} */
const speaker = (texts) => (key, data = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(data[name] ?? whole));

/**
 * Keeps edits in the browser, and says when that is done; that a host refuses is shown elsewhere.
 * @param {Host} host @param {() => void} done @returns {Host}
 */
export const watched = (host, done) => ({
  ...host,
  save: (edits, position) => host.save(edits, position).finally(done),
});

/**
 * A line of text that is kept with the answers, and in step with other tabs.
 * @param {ReturnType<typeof browserHost>} host @param {string} key @param {() => void} changed
 */
export function keptText(host, key, changed, props = {}) {
  const input = h("input", { type: "text", maxlength: LONGEST_NAME, autocomplete: "off", ...props,
    oninput: () => host.save({ [key]: input.value }).catch(() => {}).finally(changed) });
  const show = () => {
    const kept = String(host.values()[key] ?? "");
    if (input.value !== kept) input.value = kept; // else the cursor would jump
  };
  show();
  host.watch(show);
  return input;
}

/** Puts other values in the place of all, unsent ones as well. @param {Spec[]} specs */
export function replaceAll(host, specs, values) {
  specs.forEach(({ key }) => forgetUnsent(key));
  host.replace(values);
}

/**
 * Puts `state` in the place of what there is, and offers the way back; from there, the way forth.
 * @template State
 * @param {{t: Say, news: ReturnType<typeof newsLine>, read: () => State, write: (state: State) => void}} with_
 * @param {State} state @param {string} said
 */
export function exchange(with_, state, said) {
  const { t, news, read, write } = with_;
  const before = read();
  write(state);
  news.say(said, { label: t("put_back"), act: () => exchange(with_, before, t("put_back_done")) });
}

/** A person's name as a file's name that `safe_name` in Python takes as it is; "" if nothing is left of it. */
export function cleanName(text) {
  let letters = [...text.normalize("NFC").replace(/[<>:"/\\|?*\p{C}\p{Zl}\p{Zp}]/gu, " ").trim()].slice(0, LONGEST_NAME);
  while (new TextEncoder().encode(letters.join("")).length > MOST_BYTES) letters = letters.slice(0, -1);
  const name = letters.join("").replace(/^[.\s]+|[.\s]+$/g, "");
  return /^((con|prn|aux|nul|(com|lpt)\p{Nd})(\..*)?|team|playbook)$/iu.test(name) ? `_${name}` : name;
}

/** A part of the page under a heading. */
export const panel = (title, ...content) =>
  h("section", { class: "cx-panel", "aria-label": title }, h("h2", {}, title), ...content);

/** A line that is read out when it changes; with buttons beside it if the person can do something. */
export function newsLine() {
  const text = h("p", { role: "status" });
  const node = h("div", { class: "cx-said", hidden: true }, text);
  return {
    node,
    /** @param {string} sentence @param {...{label: string, act: () => void}} offers */
    say(sentence, ...offers) {
      node.replaceChildren(text, ...offers.map(({ label, act }) => button(label, act, { class: "cx-quiet" })));
      text.textContent = sentence;
      node.hidden = !sentence;
    },
  };
}

/**
 * Where a result appears: a line that says what is going on, and the result, to be downloaded if it is a page.
 * @param {Say} t @param {Node} [onward]  what leads on from such a page
 */
export function outcome(t, onward) {
  const state = h("p", { class: "cx-state", role: "status" });
  const meter = h("progress", { hidden: true, "aria-hidden": "true" });
  const report = button("", () => download(name, page, "text/html"), { class: "cx-second" });
  const leads = h("p", { class: "cx-buttons", hidden: true }, report, onward);
  const place = h("div", { class: "cx-report" });
  let page = "";
  let name = "";
  let turn = 0;

  /** @param {string} text @param {Reply} reply */
  function settle(text, reply = {}) {
    state.textContent = text;
    meter.hidden = true;
    page = reply.page ?? "";
    name = reply.name ?? "";
    report.textContent = t("report", { name });
    leads.hidden = !page;
    if (reply.html) replaceKeepingOpen(place, reply.html);
    else place.replaceChildren();
  }

  return {
    node: h("div", {}, state, meter, leads, place),
    clear(text = "") {
      turn += 1;
      settle(text);
    },
    /**
     * Shows what a call gives; of several on their way only the last one's.
     * @param {(tell: Progress) => Promise<Reply>} work
     * @param {string} [meanwhile]
     * @returns {Promise<Reply | undefined>}
     */
    async show(work, meanwhile = t("calculating")) {
      const mine = (turn += 1);
      const wait = () => {
        if (mine !== turn) return;
        state.textContent = meanwhile;
        meter.hidden = false;
        meter.removeAttribute("value");
      };
      const clock = setTimeout(wait, AT_ONCE);
      const tell = (done, total, part) => {
        if (mine !== turn) return;
        clearTimeout(clock);
        meter.hidden = false;
        const steps = total + 1; // the calculation is the last
        state.textContent = part ? t("loading", { step: done + 1, steps, part }) : t("last_step", { steps });
        meter.max = steps;
        meter.value = done;
      };
      try {
        const reply = await work(tell);
        if (mine !== turn) return undefined;
        settle(reply.error ?? "", reply);
        return reply;
      } catch (problem) {
        if (mine === turn) settle(sentence(t, problem));
      } finally {
        clearTimeout(clock);
      }
    },
  };
}

/** What is wrong, as a sentence. @param {Say} t */
export function sentence(t, problem) {
  if (problem instanceof Unavailable) return t(problem.key, { found: problem.found });
  console.error(problem);
  return t("crashed", { found: problem });
}

/** Puts new HTML in; what the person had unfolded stays unfolded. */
function replaceKeepingOpen(place, html) {
  const open = [...place.querySelectorAll("details[open]")].map((one) => one.dataset.element);
  place.innerHTML = html; // made by cxassess.reports, which escapes every text
  for (const one of place.querySelectorAll("details")) one.open = open.includes(one.dataset.element);
}

/** Hands a file to the person. @param {string} name @param {BlobPart} content */
export function download(name, content, type = "application/json") {
  const address = URL.createObjectURL(new Blob([content], { type }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * A button that lets the person choose files of some endings.
 * @param {string} label @param {string} accept @param {(files: File[]) => void} take
 */
export function chooser(label, accept, take, multiple = false) {
  const input = h("input", { type: "file", multiple, accept, hidden: true,
    onchange: () => (take([...input.files]), (input.value = "")) });
  return [button(label, () => input.click(), { class: "cx-second" }), input];
}

/**
 * A place to drop files on, which has a button as well.
 * @param {{label: string, help: string, accept: string, take: (files: File[]) => void}} with_
 */
export function dropPlace({ label, help, accept, take }) {
  const node = h("div", { class: "cx-drop" }, h("p", {}, help), chooser(label, accept, take, true));
  node.addEventListener("dragover", (event) => (event.preventDefault(), node.classList.add("cx-over")));
  node.addEventListener("dragleave", () => node.classList.remove("cx-over"));
  node.addEventListener("drop", (event) => {
    event.preventDefault();
    node.classList.remove("cx-over");
    take([...event.dataTransfer.files]);
  });
  return node;
}

/**
 * Files as Python takes them; what cannot be one that the page is for is said, not taken.
 * @param {Say} t @param {File[]} files @param {RegExp} [endings] @param {string} [otherwise]  what to say of other endings
 */
export async function readFiles(t, files, endings = /\.json$/i, otherwise = "not_json") {
  /** @type {Given[]} */
  const taken = [];
  /** @type {string[]} */
  const problems = [];
  for (const file of files) {
    const { name } = file;
    if (!endings.test(name)) problems.push(t(otherwise, { file: name }));
    else if (file.size > MOST_MB * 1e6) problems.push(t("too_large", { file: name, most: MOST_MB }));
    else {
      try {
        taken.push(given(name, await file.arrayBuffer()));
      } catch {
        problems.push(t("unreadable", { file: name }));
      }
    }
  }
  return { taken, problems };
}

/** @param {string} name @param {ArrayBuffer} buffer @returns {Given} */
function given(name, buffer) {
  try {
    return { name, text: new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(buffer) };
  } catch {
    return { name, bytes: [...new Uint8Array(buffer)] }; // not UTF-8: Python says what it is
  }
}

/**
 * Reads one file with Python and puts what it holds in the place of what is there; says what came of it.
 * @param {File | undefined} file
 * @param {object} page
 * @param {Say} page.t @param {any} page.python @param {ReturnType<typeof newsLine>} page.news
 * @param {string} page.ask  what Python is asked to do with it
 * @param {(found: any, told: string) => void} page.use
 * @param {[RegExp, string]} [page.kinds]  as for `readFiles`
 */
export async function readOne(file, { t, python, news, ask, use, kinds }) {
  if (!file) return;
  const { taken: [given], problems } = await readFiles(t, [file], ...(kinds ?? []));
  if (!given) return news.say(problems.join(" "));
  news.say(t("reading", { file: given.name }));
  try {
    const found = await python.call(ask, given);
    if (found.error) return news.say(found.error);
    use(found, [t("loaded", { file: given.name }), ...found.problems].join(" "));
  } catch (problem) {
    news.say(sentence(t, problem));
  }
}
