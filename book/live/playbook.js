// @ts-check
/** The playbook on a plain page: written in this browser, looked over and turned into documents by Python. */
import { button, h, mount } from "./form.js";
import {
  chooser, download, exchange, keptText, newsLine, outcome, panel, readOne, replaceAll, startPage, watched,
} from "./shared.js";

const TEAM = "file.team";
const ENDINGS = [".json", ".xlsx", ".html", ".md"]; // Word needs lxml, which no package registry carries for a browser

const { t, host, python, forms, show, showStorage, ready } = await startPage("playbook");
const spec = forms.playbook;
const checked = outcome(t);
const written = outcome(t);
const news = newsLine();
const name = keptText(host, TEAM, showStorage);
const formPlace = h("div", {});
/** @type {import("./form.js").Mounted | undefined} */
let form;

/** What the calls take: the entries, and the team's name. */
function entries() {
  const { [TEAM]: team = "", ...values } = host.values();
  return { values, team };
}

async function open() {
  const onward = { text: t("then_playbook"), label: t("playbook_check"), act: look };
  form = await mount(formPlace, { spec, host: watched(host, showStorage), onward });
}

/** Looks the playbook over, and leads to what was found. */
async function look() {
  await new Promise((judged) => setTimeout(judged)); // the field that the click has left
  checked.node.scrollIntoView({ block: "nearest" });
  await checked.show(() => python.call("check", { ...entries(), not_taken: form?.refused() ?? [] }));
  checked.node.scrollIntoView({ block: "nearest" });
}

/** From a point of the check to the field that it is about. */
function goToField({ target }) {
  const place = /** @type {HTMLElement} */ (target).closest("[data-field]");
  const { field = "", row, column } = /** @type {HTMLElement | null} */ (place)?.dataset ?? {};
  if (field) form?.goTo({ field, row: Number(row), column });
}

const place = {
  t, news, read: host.values,
  write(values) {
    form?.();
    replaceAll(host, [spec], values);
    open();
    showStorage();
    checked.clear();
    written.clear();
  },
};

async function save(ending) {
  const reply = await written.show((tell) => python.call("document", { ...entries(), ending }, tell));
  if (reply?.bytes) download(reply.name, new Uint8Array(reply.bytes), "application/octet-stream");
}

const loadFile = ([file]) => readOne(file, {
  t, python, news, ask: "open_document", kinds: [/\.(json|md|xlsx)$/i, "not_playbook"],
  use: ({ values, team }, told) => exchange(place, { ...values, [TEAM]: team }, told),
});

show(
  h("label", { class: "cx-named" }, t("playbook_team"), name),
  formPlace,
  panel(t("playbook_check"),
    h("p", { class: "cx-buttons" },
      button(t("playbook_check"), look, { class: "cx-first" })),
    checked.node),
  panel(t("playbook_download"),
    h("p", { class: "cx-buttons" }, ENDINGS.map((ending, i) =>
      button(`${t(ending.slice(1))} (${ending})`, () => save(ending), { class: i ? "cx-second" : "cx-first" }))),
    written.node,
    h("p", { class: "cx-buttons" },
      chooser(t("playbook_load"), ".json,.md,.xlsx", loadFile),
      button(t("clear"), () => exchange(place, {}, t("cleared")), { class: "cx-quiet" })),
    news.node),
);
checked.node.addEventListener("click", goToField);
await open();
ready();
