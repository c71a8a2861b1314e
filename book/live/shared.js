// @ts-check
/** What the assessment's and the playbook's page both do: panels, files in and out, results, news. */
import { button, h } from "./form.js";
import { Unavailable } from "./python.js";

export const MOST_MB = 5;

/** @typedef {(key: string, data?: Record<string, unknown>) => string} Say */

/** @param {Record<string, string>} texts @returns {Say} */
export const speaker = (texts) => (key, data = {}) =>
  (texts[key] ?? key).replace(/\{(\w+)\}/g, (whole, name) => String(data[name] ?? whole));

/** A part of the page under a heading. */
export const panel = (title, ...content) =>
  h("section", { class: "cx-panel", "aria-label": title }, h("h2", {}, title), ...content);

/** A line that is read out when it changes; with a button beside it if the person can do something. */
export function newsLine() {
  const text = h("p", { role: "status" });
  const node = h("div", { class: "cx-said", hidden: true }, text);
  return {
    node,
    /** @param {string} sentence @param {{label: string, act: () => void}} [offer] */
    say(sentence, offer) {
      node.replaceChildren(text, ...(offer ? [button(offer.label, offer.act, { class: "cx-quiet" })] : []));
      text.textContent = sentence;
      node.hidden = !sentence;
    },
  };
}

/**
 * Where a result appears: a line that says what is going on, and the result itself.
 * @param {Say} t
 */
export function outcome(t) {
  const state = h("p", { class: "cx-state", role: "status" });
  const meter = h("progress", { hidden: true, "aria-hidden": "true" });
  const place = h("div", { class: "cx-report" });
  let turn = 0;
  return {
    node: h("div", {}, state, meter, place),
    /** @param {string} text */
    say(text) {
      state.textContent = text;
      meter.hidden = true;
    },
    clear(text = "") {
      turn += 1;
      place.replaceChildren();
      this.say(text);
    },
    /** @param {number} done @param {number} total */
    progress(done, total) {
      state.textContent = t("heavy", { done, total });
      meter.hidden = false;
      meter.max = total;
      meter.value = done;
    },
    /**
     * Shows what a call gives; of several on their way only the last one's.
     * @param {() => Promise<any>} work
     * @param {string} [meanwhile]
     */
    async show(work, meanwhile = t("calculating")) {
      const mine = (turn += 1);
      state.textContent = meanwhile;
      meter.hidden = false;
      meter.removeAttribute("value");
      try {
        const reply = await work();
        if (mine !== turn) return;
        this.say(reply.error ?? "");
        if (reply.html) replaceKeepingOpen(place, reply.html);
        return reply;
      } catch (problem) {
        if (mine === turn) this.say(sentence(t, problem));
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
 * A place to drop files on, which is a button as well.
 * @param {{t: Say, label: string, help: string, many?: boolean, accept: string, take: (files: File[]) => void}} with_
 */
export function dropPlace({ t, label, help, many = false, accept, take }) {
  const input = h("input", { type: "file", multiple: many, accept, class: "cx-unseen", tabindex: "-1", "aria-label": label,
    onchange: () => (take([...input.files]), (input.value = "")) });
  const node = h("div", { class: "cx-drop" }, h("p", {}, help), button(label, () => input.click(), { class: "cx-second" }), input);
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
 * Files as their names and bytes; what cannot be a file of answers is said, not taken.
 * @param {Say} t @param {File[]} files @param {RegExp} [endings]
 */
export async function readFiles(t, files, endings = /\.json$/i) {
  const taken = [];
  const problems = [];
  for (const file of files) {
    if (!endings.test(file.name)) problems.push(t("not_json", { file: file.name }));
    else if (file.size > MOST_MB * 1e6) problems.push(t("too_large", { file: file.name, most: MOST_MB }));
    else {
      try {
        taken.push({ name: file.name, bytes: [...new Uint8Array(await file.arrayBuffer())] });
      } catch {
        problems.push(t("unreadable", { file: file.name }));
      }
    }
  }
  return { taken, problems };
}
