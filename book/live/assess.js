// @ts-check
/** The assessment on a plain page: answers stay in this browser, and Python in a worker says what they mean. */
import { browserHost, button, h, mount } from "./form.js";
import { startPython } from "./python.js";
import { dropPlace, download, newsLine, outcome, panel, readFiles, sentence, speaker } from "./shared.js";

const PAUSE = 400; // ms after an answer before the result is worked out anew
const ABOUT = "file."; // values that are about the file and not answers
const LONGEST_NAME = 60;
const MOST_BYTES = 180;

const place = /** @type {HTMLElement} */ (document.getElementById("cx-live"));
const { language, texts, parts, file: blankFile } = await (await fetch(place.dataset.texts ?? "")).json();
const t = speaker(texts);
const host = browserHost("mine");
const mine = outcome(t);
const team = outcome(t);
const further = outcome(t);
let busy = mine; // whose wait the progress of larger parts belongs to
const python = startPython(
  { pyodide: absolute(place.dataset.pyodide), package: absolute(place.dataset.package), language },
  (done, total) => busy.progress(done, total),
);
function absolute(address) {
  return new URL(address ?? "", location.href).href;
}

// My answers --------------------------------------------------------------------------------------------

const news = newsLine();
const formPlace = h("div", {});
let unmount = () => {};
let part = sessionRead("part") in parts ? sessionRead("part") : Object.keys(parts)[0];

/** @type {import("./form.js").Host} */
const watchedHost = {
  ...host,
  async save(edits, position) {
    try {
      return await host.save(edits, position);
    } finally {
      changed();
    }
  },
};

const tabs = Object.entries(parts).map(([id, spec]) => button(spec.title, () => open(id), { "data-part": id }));

async function open(id) {
  part = id;
  sessionWrite("part", id);
  for (const tab of tabs) tab.setAttribute("aria-current", tab.dataset.part === id ? "page" : "false");
  unmount();
  unmount = await mount(formPlace, { spec: parts[id], host: watchedHost });
}

/** What is answered: the values without those about the file. */
const answers = () => Object.fromEntries(Object.entries(host.values()).filter(([key]) => !key.startsWith(ABOUT)));

/** The name as `safe_name` in Python takes it. */
function cleanName(text) {
  let name = text.normalize("NFC").replace(/[<>:"/\\|?*\p{C}\p{Zl}\p{Zp}]/gu, " ").trim();
  name = [...name].slice(0, LONGEST_NAME).join("");
  while (new TextEncoder().encode(name).length > MOST_BYTES) name = [...name].slice(0, -1).join("");
  name = name.replace(/^[.\s]+|[.\s]+$/g, "");
  return /^(con|prn|aux|nul|com\d|lpt\d)(\..*)?$/i.test(name) || /^(team|playbook)$/i.test(name) ? `${name}_` : name || t("nobody");
}

/** My response file, in the very form that `cxassess.read_answers` takes. */
function myFile() {
  const values = host.values();
  const respondent = cleanName(String(values[`${ABOUT}respondent`] ?? ""));
  const table = { ...blankFile, respondent, id: values[`${ABOUT}id`] ?? "", saved: new Date().toISOString(), revision: 1, answers: answers() };
  return { name: `${respondent}.json`, text: `${JSON.stringify(table, null, 1)}\n` };
}

/** A few letters by which two people who chose the same name are told apart. */
function withId(values) {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { [`${ABOUT}id`]: id, ...values };
}

let clock;
function changed() {
  clearTimeout(clock);
  clock = setTimeout(work, PAUSE);
  storage.hidden = host.stores();
}

async function work() {
  if (!Object.keys(answers()).length) return mine.clear(t("nothing_yet"));
  lastReport = (await mine.show(() => python.call("result", { files: [myFile()] }), t("preparing"))) ?? lastReport;
  reportButton.hidden = !lastReport?.page;
}

/** Puts other values in the place of all, with a way back. */
function replace(values, said) {
  const before = host.values();
  host.replace(values);
  name.value = String(values[`${ABOUT}respondent`] ?? "");
  open(part);
  changed();
  news.say(said, { label: t("put_back"), act: () => (replace(before, t("put_back_done")), news.say(t("put_back_done"))) });
}

async function loadFile([given]) {
  if (!given) return;
  const { taken, problems } = await readFiles(t, [given]);
  if (problems.length) return news.say(problems[0]);
  news.say(t("calculating"));
  try {
    const text = new TextDecoder().decode(new Uint8Array(taken[0].bytes));
    const found = await python.call("read", { name: taken[0].name, text });
    if (found.error) return news.say(found.error);
    const about = { [`${ABOUT}respondent`]: found.respondent, ...(found.id ? { [`${ABOUT}id`]: found.id } : {}) };
    replace(withId({ ...found.values, ...about }), [t("loaded", { file: taken[0].name }), ...found.problems].join(" "));
  } catch (problem) {
    news.say(sentence(t, problem));
  }
}

function clear() {
  const dropped = { ...groups };
  const before = host.values();
  for (const group of Object.values(groups)) group.set([]);
  replace(withId({}), t("cleared"));
  news.say(t("cleared"), {
    label: t("put_back"),
    act: () => {
      for (const [id, group] of Object.entries(dropped)) group.set(group.before);
      replace(before, t("put_back_done"));
      news.say(t("put_back_done"));
    },
  });
}

let lastReport;
const reportButton = button(t("report"), () => download("report.html", lastReport.page, "text/html"), { class: "cx-second", hidden: true });
const name = h("input", { type: "text", maxlength: LONGEST_NAME, autocomplete: "off", "aria-describedby": "cx-name-help",
  oninput: () => (host.replace({ ...host.values(), [`${ABOUT}respondent`]: name.value }), changed()) });
const chooser = h("input", { type: "file", accept: ".json", class: "cx-unseen", tabindex: "-1", "aria-label": t("load"),
  onchange: () => (loadFile([...chooser.files]), (chooser.value = "")) });
const storage = h("p", { class: "cx-warning", hidden: host.stores() }, t("no_storage"));

// Our team ------------------------------------------------------------------------------------------------

/** Files of one round: dropped, listed, taken out again. @param {string} id @param {string} help @param {() => void} act */
function fileGroup(id, help, act) {
  const list = h("ul", { class: "cx-files" });
  const said = h("p", { class: "cx-state", role: "status" });
  const group = {
    /** @type {any[]} */ files: sessionRead(id) ?? [],
    /** @type {any[]} */ before: [],
    node: h("div", {}),
    set(files) {
      group.before = group.files;
      group.files = files;
      sessionWrite(id, files);
      group.show();
      act();
    },
    show() {
      const items = group.files.map((file, i) => h("li", {}, h("span", { dir: "auto" }, file.name),
        button("×", () => group.set(group.files.filter((_, j) => j !== i)), { class: "cx-quiet", "aria-label": t("remove", { file: file.name }) })));
      list.replaceChildren(...items);
      said.textContent = items.length ? t("files", { count: items.length }) : "";
    },
  };
  const take = async (given) => {
    const { taken, problems } = await readFiles(t, given);
    group.set([...group.files.filter((old) => !taken.some((file) => file.name === old.name)), ...taken]);
    if (problems.length) said.textContent = problems.join(" ");
  };
  group.node.append(dropPlace({ t, label: t("choose"), help, many: true, accept: ".json", take }), said, list);
  group.show();
  return group;
}

async function workOnTeam() {
  further.clear();
  const any = groups.team.files.length > 0;
  for (const one of [planButton, teamReport]) one.hidden = !any;
  changeButton.hidden = !(any && groups.before.files.length);
  if (!any) return team.clear();
  lastTeam = (await team.show(() => python.call("result", { files: groups.team.files }))) ?? lastTeam;
}

/** @param {string} call @param {() => Record<string, any>} args */
const ask = (call, args) => () => {
  busy = further;
  further.show(() => python.call(call, args()));
};

let lastTeam;
const groups = {
  team: fileGroup("team", t("team_intro"), () => workOnTeam()),
  before: fileGroup("before", t("before_intro"), () => workOnTeam()),
};
const teamReport = button(t("report"), () => download("report.html", lastTeam?.page ?? "", "text/html"), { class: "cx-second", hidden: true });
const planButton = button(t("plan"), ask("plan", () => ({ files: groups.team.files })), { class: "cx-first", hidden: true });
const changeButton = button(t("change"), ask("change", () => ({ before: groups.before.files, after: groups.team.files })), { class: "cx-second", hidden: true });

// What is dropped stays for this tab alone, so that a reload loses nothing and a colleague finds nothing.

function sessionRead(id) {
  try {
    return JSON.parse(sessionStorage.getItem(`cxassess:${id}`) ?? "null");
  } catch {
    return null;
  }
}

function sessionWrite(id, value) {
  try {
    sessionStorage.setItem(`cxassess:${id}`, JSON.stringify(value));
  } catch {
    /* it stays in memory */
  }
}

// The page ------------------------------------------------------------------------------------------------

place.replaceChildren(
  h("p", { class: "cx-private" }, t("private")),
  storage,
  h("nav", { class: "cx-parts", "aria-label": t("parts") }, tabs),
  formPlace,
  panel(t("mine"),
    h("label", { class: "cx-named" }, t("name"), name),
    h("p", { class: "cx-hint", id: "cx-name-help" }, t("name_help")),
    h("p", { class: "cx-buttons" },
      button(t("download"), () => download(...Object.values(myFile())), { class: "cx-first" }),
      button(t("load"), () => chooser.click(), { class: "cx-second" }),
      chooser,
      button(t("clear"), clear, { class: "cx-quiet" })),
    h("p", { class: "cx-hint" }, t("download_help")),
    news.node),
  panel(t("so_far"), mine.node, reportButton),
  panel(t("team"), groups.team.node,
    h("details", {}, h("summary", {}, t("before")), groups.before.node),
    h("p", { class: "cx-buttons" }, planButton, changeButton, teamReport),
    team.node, further.node),
);
if (!host.values()[`${ABOUT}id`]) host.replace(withId(host.values()));
name.value = String(host.values()[`${ABOUT}respondent`] ?? "");
storage.hidden = host.stores();
host.watch?.(() => changed());
await open(part);
place.dataset.ready = "true";
python.prepare();
work();
workOnTeam();
