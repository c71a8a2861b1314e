// @ts-check
/** The playbook on a plain page: written in this browser, looked over and turned into documents by Python. */
import { browserHost, button, h, mount } from "./form.js";
import { startPython } from "./python.js";
import { download, newsLine, outcome, panel, readFiles, sentence, speaker } from "./shared.js";

const TEAM = "file.team";
const ENDINGS = [".json", ".docx", ".xlsx", ".html", ".md"];

const place = /** @type {HTMLElement} */ (document.getElementById("cx-live"));
const { language, texts, playbook: spec } = await (await fetch(place.dataset.texts ?? "")).json();
const t = speaker(texts);
const host = browserHost("playbook");
const found = outcome(t);
const news = newsLine();
const python = startPython(
  { pyodide: absolute(place.dataset.pyodide), package: absolute(place.dataset.package), language },
  (done, total) => found.progress(done, total),
);
function absolute(address) {
  return new URL(address ?? "", location.href).href;
}

const formPlace = h("div", {});
const storage = h("p", { class: "cx-warning" }, t("no_storage"));
const name = h("input", { type: "text", maxlength: 60, autocomplete: "off",
  oninput: () => host.replace({ ...host.values(), [TEAM]: name.value }) });
const chooser = h("input", { type: "file", accept: ".json,.md,.xlsx", class: "cx-unseen", tabindex: "-1", "aria-label": t("playbook_load"),
  onchange: () => (loadFile([...chooser.files]), (chooser.value = "")) });
let unmount = () => {};

/** What the calls take: the entries, and the team's name. */
function written() {
  const { [TEAM]: team = "", ...values } = host.values();
  return { values, team };
}

async function open() {
  unmount();
  name.value = String(host.values()[TEAM] ?? "");
  unmount = await mount(formPlace, { spec, host: { ...host, save: watchedSave } });
  storage.hidden = host.stores();
}

async function watchedSave(edits, position) {
  try {
    return await host.save(edits, position);
  } finally {
    storage.hidden = host.stores();
  }
}

function replace(values, said) {
  const before = host.values();
  host.replace(values);
  open();
  found.clear();
  news.say(said, { label: t("put_back"), act: () => (replace(before, ""), news.say(t("put_back_done"))) });
}

async function save(ending) {
  const reply = await found.show(() => python.call("document", { ...written(), ending }));
  if (reply?.bytes) download(reply.name, new Uint8Array(reply.bytes), "application/octet-stream");
}

async function loadFile([given]) {
  const { taken, problems } = await readFiles(t, given ? [given] : [], /\.(json|md|xlsx)$/i);
  if (!taken.length) return news.say(problems.join(" "));
  news.say(t("calculating"));
  try {
    const reply = await python.call("open_document", taken[0]);
    if (reply.error) return news.say(reply.error);
    replace({ ...reply.values, [TEAM]: reply.team }, [t("loaded", { file: taken[0].name }), ...reply.problems].join(" "));
  } catch (problem) {
    news.say(sentence(t, problem));
  }
}

place.replaceChildren(
  h("p", { class: "cx-private" }, t("private")),
  storage,
  h("label", { class: "cx-named" }, t("playbook_team"), name),
  formPlace,
  panel(t("playbook_download"),
    h("p", { class: "cx-buttons" }, ENDINGS.map((ending, i) =>
      button(`${t(ending.slice(1))} (${ending})`, () => save(ending), { class: i ? "cx-second" : "cx-first" }))),
    h("p", { class: "cx-buttons" },
      button(t("playbook_load"), () => chooser.click(), { class: "cx-second" }),
      chooser,
      button(t("clear"), () => replace({}, t("cleared")), { class: "cx-quiet" })),
    news.node),
  panel(t("playbook_check"),
    h("p", { class: "cx-buttons" }, button(t("playbook_check"), () => found.show(() => python.call("check", written())), { class: "cx-first" })),
    found.node),
);
await open();
place.dataset.ready = "true";
python.prepare();
