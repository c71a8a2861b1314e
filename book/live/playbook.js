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
let unmount = () => {};

/** What the calls take: the entries, and the team's name. */
function entries() {
  const { [TEAM]: team = "", ...values } = host.values();
  return { values, team };
}

async function open() {
  unmount = await mount(formPlace, { spec, host: watched(host, showStorage) });
}

const place = {
  t, news, read: host.values,
  write(values) {
    unmount();
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
      button(t("playbook_check"), () => checked.show(() => python.call("check", entries())), { class: "cx-first" })),
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
await open();
ready();
