// @ts-check
/** The assessment on a plain page: answers stay in this browser, and Python in a worker says what they mean. */
import { button, h, mount } from "./form.js";
import {
  chooser, cleanName, download, dropPlace, exchange, keptText, newsLine, outcome, panel, readFiles, readOne,
  replaceAll, startPage, watched,
} from "./shared.js";

/** @typedef {import("./shared.js").Given} Given */

const PAUSE = 400; // ms after an answer before the result is worked out anew
const ABOUT = "file."; // values that are about the file and not answers
const NAME = `${ABOUT}respondent`;
const ID = `${ABOUT}id`;
const TEAM_FILE = "team.json";

const { t, host, python, forms, show, showStorage, ready } = await startPage("mine");
const { parts, file: blankFile } = forms;
const mine = outcome(t);
const team = outcome(t);
const toPlaybook = h("a", { href: "playbook-here.html", class: "cx-first", hidden: true }, t("to_playbook"));
const further = outcome(t, toPlaybook);

// My answers --------------------------------------------------------------------------------------------

const news = newsLine();
const nameField = keptText(host, NAME, changed, { "aria-describedby": "cx-name-help" });
let asked = false;
const formPlace = h("div", {});
let unmount = () => {};
let part = Object.keys(parts).find((id) => id === sessionRead("part")) ?? Object.keys(parts)[0];

const tabs = Object.entries(parts).map(([id, spec]) => button(spec.title, () => open(id), { "data-part": id }));

async function open(id) {
  part = id;
  sessionWrite("part", id);
  for (const tab of tabs) tab.setAttribute("aria-current", tab.dataset.part === id ? "page" : "false");
  unmount();
  const onward = { text: t("then_assess"), label: t("to_mine"), act: () => nameField.focus() };
  unmount = await mount(formPlace, { spec: parts[id], host: watched(host, changed), onward });
}

/** What is answered: the values without those about the file. */
const answers = () => Object.fromEntries(Object.entries(host.values()).filter(([key]) => !key.startsWith(ABOUT)));

/** My response file, in the very form that `cxassess.read_answers` takes. */
function myFile() {
  const values = host.values();
  const respondent = cleanName(String(values[NAME] ?? "")) || t("nobody");
  const table = { ...blankFile, respondent, id: values[ID] ?? "", saved: new Date().toISOString(), revision: 1, answers: answers() };
  return { name: `${respondent}.json`, text: `${JSON.stringify(table, null, 1)}\n` };
}

/** Hands over my file; who has given no name is asked for one, once. */
function takeAway() {
  if (asked || cleanName(String(host.values()[NAME] ?? ""))) return download(...Object.values(myFile()));
  asked = true;
  const name = nickname();
  nameField.focus();
  news.say(t("ask_name", { name }),
    { label: t("download_as", { file: `${name}.json` }), act: () => (host.replace({ ...host.values(), [NAME]: name }), handOver()) },
    { label: t("download_as", { file: myFile().name }), act: handOver });
}

function handOver() {
  download(...Object.values(myFile()));
  news.say("");
}

/** A name that says nothing of its bearer; the same as long as the answers are the same person's. */
function nickname() {
  const words = t("nicknames").split("|");
  const number = Number.parseInt(String(host.values()[ID] ?? "0").slice(0, 6), 16) || 0;
  return t("nickname", { word: words[number % words.length], number: 10 + (Math.floor(number / words.length) % 90) });
}

/** A few letters by which two people who chose the same name are told apart. */
function withId(values) {
  const id = [...crypto.getRandomValues(new Uint8Array(8))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return { [ID]: id, ...values };
}

let clock;
function changed() {
  clearTimeout(clock);
  clock = setTimeout(work, PAUSE);
  showStorage();
}

function work() {
  if (!Object.keys(answers()).length) return mine.clear(t("nothing_yet"));
  mine.show(() => python.call("result", { files: [myFile()] }), t("preparing"));
}

/** All that a person can clear and put back. */
const place = {
  t, news,
  read: () => ({ values: host.values(), team: groups.team.files, before: groups.before.files }),
  write({ values, ...files }) {
    unmount();
    replaceAll(host, Object.values(parts), values);
    open(part);
    for (const [id, group] of Object.entries(groups)) if (group.files !== files[id]) group.set(files[id]);
  },
};

const loadFile = ([file]) => readOne(file, {
  t, python, news, ask: "read",
  use(found, told) {
    const about = { [NAME]: found.respondent, ...(found.id ? { [ID]: found.id } : {}) };
    exchange(place, { ...place.read(), values: withId({ ...found.values, ...about }) }, told);
  },
});

// Our team ------------------------------------------------------------------------------------------------

/** Files of one round: dropped, listed, taken out again. @param {string} id @param {string} help @param {() => void} act */
function fileGroup(id, help, act) {
  const list = h("ul", { class: "cx-files" });
  const said = h("p", { class: "cx-state", role: "status" });
  const kept = sessionRead(id);
  const group = {
    /** @type {Given[]} */ files: Array.isArray(kept) ? kept.filter((file) => typeof file?.name === "string") : [],
    node: h("div", {}),
    /** @param {Given[]} files @param {string[]} [remarks] */
    set(files, remarks = []) {
      group.files = files;
      const stored = sessionWrite(id, files);
      group.show(stored ? remarks : [...remarks, t("not_kept")]);
      act();
    },
    /** @param {string[]} [remarks] */
    show(remarks = []) {
      list.replaceChildren(...group.files.map((file, i) => h("li", {}, h("span", { dir: "auto" }, file.name),
        button("×", () => group.set(group.files.toSpliced(i, 1)), { class: "cx-quiet", "aria-label": t("remove", { file: file.name }) }))));
      said.textContent = [...(group.files.length ? [t("files", { count: group.files.length })] : []), ...remarks].join(" ");
    },
  };
  /** The same file counts once; another of the same name counts as well, but a team has one team.json: the last. */
  async function take(dropped) {
    const { taken, problems } = await readFiles(t, dropped);
    const fresh = taken.filter((file) => !group.files.some((old) => JSON.stringify(old) === JSON.stringify(file)));
    const old = group.files.filter(({ name }) => name !== TEAM_FILE || !fresh.some((file) => file.name === TEAM_FILE));
    if (old.length < group.files.length) problems.push(t("replaced", { file: TEAM_FILE }));
    group.set([...old, ...fresh], problems);
  }
  group.node.append(dropPlace({ label: t("choose"), help, accept: ".json", take }), said, list);
  group.show();
  return group;
}

function workOnTeam() {
  further.clear();
  const any = groups.team.files.length > 0;
  planButton.hidden = !any;
  changeButton.hidden = !(any && groups.before.files.length);
  if (any) team.show(() => python.call("result", { files: groups.team.files }));
  else team.clear();
}

/** Asks for more about the team, and leads to where it appears. @param {string} call @param {() => Record<string, any>} args */
const ask = (call, args) => async () => {
  const reply = further.show((tell) => python.call(call, args(), (done, ...rest) => {
    tell(done, ...rest);
    if (!done) further.node.scrollIntoView({ block: "nearest" }); // it has become longer
  }));
  toPlaybook.hidden = call !== "plan";
  further.node.scrollIntoView({ block: "start" });
  if (await reply) further.node.scrollIntoView({ block: "start" });
};

const groups = {
  team: fileGroup("team", t("team_intro"), workOnTeam),
  before: fileGroup("before", t("before_intro"), workOnTeam),
};
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

/** Whether the browser keeps it. */
function sessionWrite(id, value) {
  try {
    sessionStorage.setItem(`cxassess:${id}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

// The page ------------------------------------------------------------------------------------------------

show(
  h("nav", { class: "cx-parts", "aria-label": t("parts") }, tabs),
  formPlace,
  panel(t("mine"),
    h("label", { class: "cx-named" }, t("name"), nameField),
    h("p", { class: "cx-hint", id: "cx-name-help" }, t("name_help")),
    h("p", { class: "cx-buttons" },
      button(t("download"), takeAway, { class: "cx-first" }),
      chooser(t("load"), ".json", loadFile),
      button(t("clear"), () => exchange(place, { values: withId({}), team: [], before: [] }, t("cleared")), { class: "cx-quiet" })),
    h("p", { class: "cx-hint" }, t("download_help")),
    news.node),
  panel(t("so_far"), mine.node),
  panel(t("team"), groups.team.node,
    h("details", { open: groups.before.files.length > 0 }, h("summary", {}, t("before")), groups.before.node),
    h("p", { class: "cx-buttons" }, planButton, changeButton),
    team.node, further.node),
);
if (!host.values()[ID]) host.replace(withId(host.values()));
showStorage();
host.watch(changed);
await open(part);
ready();
work();
workOnTeam();
