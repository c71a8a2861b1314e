// @ts-check
/**
 * The form: renders a form spec as native HTML and keeps its answers.
 *
 * It runs in two places. A notebook mounts it through anywidget's `render`; its answers live in the
 * kernel. A plain page calls `mount` with `browserHost`; its answers live in the browser's storage.
 * What differs between the two is a `Host`; everything else is the same.
 *
 * An answer goes: field → form (`set`) → outbox → host. Until the host has acknowledged it, a copy
 * stays in the browser's storage (the journal), and the next mount sends it again: that is how a
 * reload, a restarted kernel or a closed lid loses nothing.
 *
 * All texts are data: they become text nodes, never HTML.
 */

// Types ---------------------------------------------------------------------------------------------

/** @typedef {string | number | boolean} Scalar */
/** @typedef {Record<string, Scalar>} Row */
/** @typedef {Scalar | Row[] | null} Value  a field's answer; null is blank */
/** @typedef {Record<string, Value>} Values  by field id; an absent field is blank */
/** @typedef {{section?: string, field?: string}} Position */
/**
 * `says` is what a quiz answers to this option, and `right` whether it is the answer.
 * @typedef {{value: Scalar, label: string, name?: string, help?: string, says?: string, right?: boolean}} Option
 */
/** @typedef {{id: string, label: string, help?: string, examples?: string[], when?: Scalar[], maxlength?: number}} Note */
/** @typedef {{title: string, items: string[]}} Detail */
/**
 * @typedef {object} Field
 * @property {string} id
 * @property {"scale" | "choice" | "text" | "number" | "date" | "table"} type
 * @property {string} label       the question
 * @property {string} [title]     a few words above the question
 * @property {string} [help]
 * @property {boolean} [optional] left out of the progress
 * @property {Option[]} [options] scale, choice
 * @property {Option[]} [extra]   scale: answers off the scale, such as "not applicable"
 * @property {Note} [note]        scale: a text that some answers ask for
 * @property {Detail[]} [details] choice
 * @property {boolean} [multiline]
 * @property {number} [maxlength]
 * @property {string} [placeholder]
 * @property {string | string[]} [good]  text: examples that work well
 * @property {string | string[]} [poor]  text: examples that do not
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [step]
 * @property {string} [unit]
 * @property {number} [example]  number: one that fits, for the sentence that asks for a number
 * @property {string[]} [units]  number: what may be written beside it, besides money and %
 * @property {string[]} [only]   the units, in lower case, that fit a number or a text about its unit
 * @property {string[]} [never]  the units that do not
 * @property {string} [hint]     what is said of a unit that does not fit
 * @property {Column[]} [columns]  table: text, choice, number and date columns
 * @property {{column: string, of: Record<string, string>}} [kind]  table: the column by whose choice a row is of a kind
 * @property {number} [min_rows]
 * @property {number} [max_rows]
 */
/** @typedef {Field & {width?: number, kinds?: Record<string, Partial<Field>>}} Column  `kinds`: what differs in a row of a kind */
/** @typedef {{id: string, title: string, intro?: string, colour?: string, fields: Field[]}} Section */
/**
 * @typedef {object} Spec
 * @property {string} key         names these answers in the browser's storage
 * @property {string} language    BCP 47, such as "ja"
 * @property {string} title
 * @property {string} [intro]
 * @property {string} [notice]    what the person should know before going on
 * @property {Record<string, string>} texts    what the form itself says: interface/form.toml
 * @property {Record<string, string>} [colours]
 * @property {Section[]} sections
 */
/** @typedef {{values: Values, position?: Position | null}} Opened */
/**
 * When it was saved, what others changed meanwhile, and what the host refused, with the reason.
 * @typedef {{at: string, changed?: Values, refused?: Record<string, string>}} Receipt
 */
/**
 * Where the answers live.
 * @typedef {object} Host
 * @property {() => Opened | Promise<Opened>} load
 * @property {(edits: Values, position: Position) => Promise<Receipt>} save  rejects with a SaveProblem
 * @property {(listener: (values: Values) => void) => () => void} [watch]  tells of answers that changed elsewhere
 */
/**
 * What a field's renderer gets from the form.
 * @typedef {object} Tools
 * @property {(key: string, values?: Record<string, unknown>) => string} t  an interface text
 * @property {() => string} uid  an id that no other element of the page has
 * @property {(id: string, value: Value, typed?: boolean) => void} set  the person answered
 * @property {(topic: string, text: string) => void} announce  to a screen reader
 * @property {() => void} judged  something was refused that was not, or no longer is
 */
/**
 * What stands in a field but was refused; `row` counts the rows that hold something, from 1, or is 0.
 * @typedef {{row: number, column: string, text: string, focus: () => void}} NotTaken
 */
/**
 * `focus` goes to a place in a table, if one is given; `refused` lists what was refused.
 * @typedef {object} View
 * @property {HTMLElement} node
 * @property {(value: Value) => void} show
 * @property {(row?: number, column?: string) => void} focus
 * @property {() => NotTaken[]} [refused]
 * @property {Map<string, View>} [notes]
 */
/** What may come after the form. @typedef {{text: string, label: string, act: () => void}} Onward */
/**
 * Takes the form away again; `refused` lists what was refused, by field, and `goTo` leads to a place in the form.
 * @typedef {(() => void) & {
 *   refused: () => {field: string, row: number, column: string, text: string}[],
 *   goTo: (place: {field: string, row?: number, column?: string}) => void,
 * }} Mounted
 */

const TYPING_PAUSE = 600; // ms without a keystroke before a text is sent
const PATIENCE = 5000; // ms to wait for the kernel's word
const FIRST_RETRY = 5000;
const LAST_RETRY = 60000;
const SHORT = 16; // characters up to which a choice's options stand side by side
const NEAR = 0.9; // of the most characters, from where on they are counted
const ARROW = 24; // px that a drop-down's arrow takes
const SAME_STEP = 1000; // ms within which arrowing through the options counts as one step to undo

// Small things ----------------------------------------------------------------------------------------

/**
 * An element. Strings among the children become text nodes; a null or false prop or child is left out.
 * @param {string} tag
 * @param {Record<string, any>} [props]  attributes, and listeners as `onclick` and the like
 * @param {...any} children
 * @returns {any}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if ((value ?? false) === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children.flat().filter((child) => (child ?? false) !== false));
  return element;
}

/** A text's paragraphs, which blank lines part. */
const paragraphs = (text, props = {}) =>
  (text ?? "").split(/\n\s*\n/).filter((part) => part.trim()).map((part) => h("p", props, part.trim()));

export const button = (label, onclick, props = {}) => h("button", { type: "button", onclick, ...props }, label);

const bullets = (items) => h("ul", {}, items.map((item) => h("li", {}, item)));

/** What unfolds under a title; nothing when there is nothing to unfold. */
const folded = (title, content) =>
  content.length ? h("details", { class: "cx-more" }, h("summary", {}, title), content) : null;

let pressed = false;
for (const [type, down] of /** @type {[string, boolean][]} */ ([["pointerdown", true], ["pointerup", false], ["pointercancel", false]])) {
  addEventListener(type, () => (pressed = down), { capture: true });
}

/** Acts once no pointer is down: what appears meanwhile would move the button that is being clicked. @param {() => void} act */
function afterPress(act) {
  if (!pressed) return act();
  const released = new AbortController();
  for (const type of ["pointerup", "pointercancel"]) {
    addEventListener(type, () => (released.abort(), setTimeout(act)), { capture: true, signal: released.signal });
  }
}

const listOf = (value) => [value ?? []].flat();
const isBlank = (value) => listOf(value).length === 0 || value === "";
const same = (a, b) => JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
const takesText = (element) => element instanceof HTMLElement && element.matches("textarea, input:not([type=radio])");

/** Hosts reject with this. `key` names the interface text that says what is wrong and what to do. */
export class SaveProblem extends Error {
  /** @param {string} key @param {Record<string, string>} [data] */
  constructor(key, data = {}) {
    super(data.message ?? key);
    this.key = key;
    this.data = data;
  }
}

// Hosts -----------------------------------------------------------------------------------------------

/**
 * Answers in the kernel: one message for a batch of edits, one acknowledgement back.
 * @param {any} model  anywidget's model
 * @returns {Host & {close: () => void}}
 */
export function kernelHost(model) {
  /** @type {Map<number, (message: any) => void>} */
  const waiting = new Map();
  const hear = (message) => waiting.get(message?.seq)?.(message);
  // Acknowledgements reach every view of the model: each view counts from a place of its own.
  let seq = Math.floor(Math.random() * 2 ** 40);
  model.on("msg:custom", hear);
  return {
    load: () => ({ values: model.get("values"), position: model.get("position") }),
    async save(edits, position) {
      const word = Promise.withResolvers();
      const number = (seq += 1);
      const clock = setTimeout(() => word.reject(new SaveProblem("not_answering")), PATIENCE);
      waiting.set(number, word.resolve);
      try {
        send({ type: "edits", seq: number, edits, position });
        const message = await word.promise;
        if (message.type !== "saved") throw new SaveProblem("failed", { message: message.message });
        return message;
      } finally {
        clearTimeout(clock);
        waiting.delete(number);
      }
    },
    watch(listener) {
      const tell = () => listener(model.get("values"));
      model.on("change:values", tell);
      return () => model.off("change:values", tell);
    },
    close: () => model.off("msg:custom", hear),
  };

  function send(message) {
    try {
      model.send(message);
    } catch {
      throw new SaveProblem("not_answering"); // the connection is closed
    }
  }
}

/**
 * Answers in this browser's storage, under `key`; in the page's memory alone while storage is refused.
 * @param {string} key
 * @returns {Host & {values: () => Values, replace: (values: Values) => boolean, stores: () => boolean, damaged: boolean}}
 *   `damaged`: something was stored when it started that it could not read
 */
export function browserHost(key) {
  const name = `cxassess:answers:${key}`;
  /** @type {Set<(values: Values) => void>} */
  const listeners = new Set();
  /** @type {{values: Values, position?: Position | null}} */
  let kept = { values: {}, position: null };
  let working = true;
  const damaged = isDamaged(name);
  const tell = () => listeners.forEach((listener) => listener(kept.values));

  function refresh() {
    try {
      kept = readStored(name) ?? (working ? { values: {}, position: null } : kept);
    } catch {
      working = false;
    }
  }

  /** @param {Values} values @param {Position | null} [position] */
  function write(values, position = kept.position) {
    kept = { values: Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)), position };
    try {
      localStorage.setItem(name, JSON.stringify(kept));
      working = true;
    } catch {
      working = false;
    }
    return working;
  }

  /** Takes over what another tab wrote; what could not be stored here stays. */
  function takeOver() {
    const mine = working ? {} : kept.values;
    refresh();
    kept = { ...kept, values: { ...kept.values, ...mine } };
    tell();
  }

  refresh();
  addEventListener("storage", (event) => {
    if (event.key === name || event.key === null) takeOver();
  });
  addEventListener("pageshow", (event) => event.persisted && takeOver()); // it slept through other tabs' events
  return {
    load: () => kept,
    async save(edits, position) {
      if (working) refresh(); // another tab may have written
      if (!write({ ...kept.values, ...edits }, position)) throw new SaveProblem("storage_refused");
      return { at: new Date().toISOString() };
    },
    watch(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    values: () => kept.values,
    /** Puts other answers in the place of all; whether the browser stored them. */
    replace(values) {
      const stored = write(values, null);
      tell();
      return stored;
    },
    stores: () => working,
    damaged,
  };
}

/** Whether something is stored under `name` that is not ours. */
function isDamaged(name) {
  try {
    return localStorage.getItem(name) !== null && !readStored(name);
  } catch {
    return false; // storage is forbidden
  }
}

/** What is stored under `name`; null for nothing, or for something that is not ours. Throws if storage is refused. */
function readStored(name) {
  const text = localStorage.getItem(name);
  try {
    const data = JSON.parse(text ?? "null");
    return data && typeof data === "object" && typeof data.values === "object" && data.values ? data : null;
  } catch {
    return null;
  }
}

// The journal and the outbox --------------------------------------------------------------------------

/**
 * Edits that no host has acknowledged yet, kept in the browser's storage. Each change reads what is
 * there first: two open tabs of the same form share it.
 * @param {string} key
 */
function createJournal(key) {
  const name = `cxassess:unsent:${key}`;
  const empty = () => ({ values: /** @type {Values} */ ({}), position: null });
  const journal = {
    working: true,
    read: () => attempt(() => readStored(name)) ?? empty(),
    /** @param {string} id @param {Value} value @param {Position} position */
    record(id, value, position) {
      attempt(() => {
        const { values } = readStored(name) ?? empty();
        localStorage.setItem(name, JSON.stringify({ values: { ...values, [id]: value }, position }));
      });
    },
    forget: () => attempt(() => localStorage.removeItem(name)),
    /** @param {Map<string, Value>} batch  what a host has acknowledged */
    settle(batch) {
      attempt(() => {
        const { values, position } = readStored(name) ?? empty();
        for (const [id, value] of batch) if (id in values && same(values[id], value)) delete values[id];
        if (Object.keys(values).length) localStorage.setItem(name, JSON.stringify({ values, position }));
        else localStorage.removeItem(name);
      });
    },
  };
  function attempt(action) {
    try {
      return action();
    } catch {
      journal.working = false; // storage is forbidden or full
    }
  }
  return journal;
}

/** Forgets the edits that no host has acknowledged: all answers are being replaced. @param {string} key */
export const forgetUnsent = (key) => createJournal(key).forget();

/**
 * Sends edits to the host in batches, one at a time, until each is acknowledged.
 * @param {object} with_
 * @param {Host} with_.host
 * @param {ReturnType<typeof createJournal>} with_.journal
 * @param {() => Position} with_.position
 * @param {(state: {waiting?: boolean, saving?: boolean, saved?: Receipt, problem?: any}) => void} with_.tell
 */
function createOutbox({ host, journal, position, tell }) {
  /** @type {Map<string, Value>} */
  const pending = new Map();
  let moved = false; // the position changed since it was last sent
  let sending = false;
  let failures = 0;
  let closed = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;

  function sendIn(wait) {
    clearTimeout(clock);
    if (!closed) clock = setTimeout(send, wait);
  }

  async function send() {
    clearTimeout(clock);
    if (sending || !(pending.size || moved)) return;
    const batch = new Map(pending);
    moved = false;
    sending = true;
    tell({ saving: true });
    const outcome = await deliver(batch);
    sending = false;
    tell(outcome);
    if (outcome.problem) sendIn(Math.min(FIRST_RETRY * 2 ** (failures - 1), LAST_RETRY));
    else if (pending.size || moved) sendIn(TYPING_PAUSE);
  }

  /** @param {Map<string, Value>} batch @returns {Promise<{saved?: Receipt, problem?: unknown}>} */
  async function deliver(batch) {
    try {
      const saved = await host.save(Object.fromEntries(batch), position());
      for (const [id, value] of batch) if (pending.get(id) === value) pending.delete(id);
      journal.settle(batch);
      failures = 0;
      return { saved };
    } catch (problem) {
      failures += 1;
      moved = true;
      return { problem };
    }
  }

  return {
    /** @param {string} id @param {Value} value @param {number} wait */
    put(id, value, wait) {
      pending.set(id, value);
      journal.record(id, value, position());
      tell({ waiting: true });
      sendIn(wait);
    },
    move() {
      moved = true;
      sendIn(TYPING_PAUSE);
    },
    holds: (id) => pending.has(id),
    empty: () => !pending.size,
    send,
    close() {
      send();
      closed = true;
    },
  };
}

/** What the person did, to take back one by one. */
function createHistory() {
  /** @type {{id: string, before: Value}[]} */
  const steps = [];
  let open = { id: "", at: 0 };
  return {
    /** @param {string} id @param {Value} before @param {boolean} typed */
    note(id, before, typed) {
      const now = Date.now();
      const goesOn = open.id === id && (typed || now - open.at < SAME_STEP);
      open = { id, at: now };
      if (!goesOn) steps.push({ id, before });
    },
    /** The next change is a step of its own. */
    pause: () => (open = { id: "", at: 0 }),
    take: () => ((open = { id: "", at: 0 }), steps.pop()),
    empty: () => !steps.length,
    /** @param {string[]} ids  fields that someone else changed: their steps no longer apply */
    forget(ids) {
      for (let i = steps.length - 1; i >= 0; i -= 1) if (ids.includes(steps[i].id)) steps.splice(i, 1);
    },
  };
}

// Entries: one control each, alone in a field or in a table's cell ------------------------------------------

/**
 * @typedef {object} Entry
 * @property {(spec: Field, t: Tools["t"]) => any} make
 * @property {(control: any, spec: Field) => Value} read
 * @property {(control: any, value: Value, spec: Field) => void} show
 * @property {(control: any, spec: Field, t: Tools["t"]) => string} problem  what is wrong with it; "" if nothing
 * @property {(control: any, spec: Field, t: Tools["t"]) => string} [remark]  what else is to say of it
 */
/** @type {Record<string, Entry>} */
const ENTRIES = {
  text: {
    make: ({ multiline, maxlength, placeholder }) =>
      multiline
        ? h("textarea", { rows: 3, maxlength, placeholder })
        : h("input", { type: "text", maxlength, placeholder }),
    read: (control) => (control.value.trim() ? control.value : null),
    show: (control, value) => (control.value = value ?? ""),
    problem: () => "",
    remark: (control, spec) => (isBlank(control.value.trim()) || fits(control.value, spec) ? "" : spec.hint ?? ""),
  },
  number: {
    // Not type=number: that refuses full-width digits and changes its value under a scrolling mouse.
    make: ({ placeholder }) => h("input", { type: "text", inputmode: "decimal", placeholder }),
    read: (control, spec) => parseNumber(control.value, spec).value,
    show: (control, value) => (control.value = value ?? ""),
    problem: (control, spec, t) => numberProblem(parseNumber(control.value, spec).value, spec, t),
    remark: (control, spec, t) => numberRemark(control.value, spec, t),
  },
  date: {
    make: () => h("input", { type: "date", min: "1900-01-01", max: "2999-12-31" }),
    read: (control) => control.value || null,
    show: (control, value) => (control.value = value ?? ""),
    problem: (control, _, t) => (control.validity.valid ? "" : t("date_needed")),
  },
  choice: {
    make: ({ options = [] }, t) =>
      h("select", {}, h("option", {}, t("choose")), options.map(({ label }) => h("option", {}, label))),
    read: (control, { options = [] }) => options[control.selectedIndex - 1]?.value ?? null,
    show: (control, value, { options = [] }) =>
      (control.selectedIndex = 1 + options.findIndex((option) => option.value === value)),
    problem: () => "",
  },
};

const AMOUNT = /^([-+]?)(\D*?)([-+]?)(\d+\.?\d*|\.\d+)(\D*)$/;
const UNITS = /^(|%|percent|パーセント|\p{Sc}|yen|円|jpy|dollars?|usd|ドル|euros?|eur|ユーロ)$/iu;

/**
 * Reads "1,200", "１２００", "¥1,200", "1,200円" and "1 200 yen" alike, and names the unit that was written.
 * @param {string} text @param {Partial<Field>} [spec]  whose units may be written as well
 * @returns {{value: number | null, unit: string}} null for blank, NaN for what is no number
 */
function parseNumber(text, { units = [], unit = "" } = {}) {
  const plain = text.normalize("NFKC").replace(/[,、\s]/g, "").replaceAll("−", "-");
  if (plain === "") return { value: null, unit: "" };
  const [, sign = "", before = "", inner = "", digits = "", after = ""] = AMOUNT.exec(plain) ?? [];
  const own = [...units, unit].map((word) => plainUnit(word));
  const known = [before, after].every((word) => UNITS.test(word) || own.includes(plainUnit(word)));
  return digits && known && !(sign && inner)
    ? { value: Number(`${sign}${inner}${digits}`), unit: before || after }
    : { value: NaN, unit: "" };
}

const plainUnit = (text) => text.normalize("NFKC").replace(/\s/g, "").toLowerCase();

/** Whether a unit can be the one that is meant. @param {string} text @param {Field} spec */
const fits = (text, { only, never = [] }) =>
  !(only && !only.map(plainUnit).includes(plainUnit(text))) && !never.map(plainUnit).includes(plainUnit(text));

const grouped = (value) => value.toLocaleString("en-US", { maximumFractionDigits: 15 });

/** What a number was taken as, unless it was written so; and whether its unit fits. @param {Field} spec @param {Tools["t"]} t */
function numberRemark(text, spec, t) {
  const { value, unit } = parseNumber(text, spec);
  if (value === null || [String(value), grouped(value)].includes(text.trim())) return "";
  const taken = t(unit ? "taken_with_unit" : "taken", { number: grouped(value), unit });
  return unit && !fits(unit, spec) ? `${taken} ${spec.hint ?? ""}` : taken;
}

/** @param {number | null} value @param {Field} spec @param {Tools["t"]} t */
function numberProblem(value, { min, max, step, example }, t) {
  if (value === null) return "";
  if (Number.isNaN(value)) return t("number_needed", { example: grouped(example ?? min ?? 10) });
  if (value < (min ?? -Infinity) || value > (max ?? Infinity)) {
    const kind = min === undefined ? "number_to" : max === undefined ? "number_from" : "number_between";
    return t(kind, { min, max: max && grouped(max) });
  }
  const steps = step ? (value - (min ?? 0)) / step : 0;
  return Math.abs(steps - Math.round(steps)) > 1e-9 ? t("number_step", { step }) : "";
}

/**
 * One control, wired: it hands on what it reads when that is sound, and says what is wrong when it is left.
 * @param {Field} spec
 * @param {Tools} tools
 * @param {(value: Value) => void} onValue
 * @param {object} [more]
 * @param {string[]} [more.describedBy]  ids of what explains it
 * @param {() => Field} [more.now]  the spec as it is now, if it changes with other answers
 * @param {(unit: string) => void} [more.onUnit]  takes the unit that was written with a number
 */
function entry(spec, { t, uid, announce, judged }, onValue, { describedBy = [], now = () => spec, onUnit = () => {} } = {}) {
  const kind = ENTRIES[spec.type];
  const control = kind.make(spec, t);
  const error = h("p", { class: "cx-error", id: uid(), hidden: true });
  const remark = h("p", { class: "cx-remark", id: uid(), hidden: true });
  const chosen = spec.type === "choice" ? wholeLabel(control) : null;
  control.id = uid();
  control.setAttribute("aria-describedby", [...describedBy, error.id, remark.id].join(" "));

  function say(node, text) {
    if (text && text !== node.textContent) announce("entry", text);
    node.textContent = text;
    node.hidden = !text;
  }
  function judge() {
    const problem = kind.problem(control, now(), t);
    showProblem(problem);
    say(remark, problem ? "" : kind.remark?.(control, now(), t) ?? "");
  }
  function showProblem(problem) {
    const changed = error.hidden === Boolean(problem);
    say(error, problem);
    control.setAttribute("aria-invalid", String(Boolean(problem)));
    if (changed) judged();
  }
  function accept() {
    if (kind.problem(control, now(), t)) return; // half-typed: judged when the control is left
    showProblem("");
    say(remark, "");
    onValue(kind.read(control, now()));
    chosen?.fit();
  }
  function leave() {
    judge();
    if (spec.type === "number") onUnit(parseNumber(control.value, now()).unit);
  }
  control.addEventListener("input", (event) => event.isComposing || accept());
  control.addEventListener("compositionend", accept);
  control.addEventListener("blur", () => afterPress(leave));
  return {
    control,
    notes: [error, remark, chosen?.node],
    judge,
    read: () => (kind.problem(control, now(), t) ? null : kind.read(control, now())),
    /** The text that was refused; null if none was. */
    refused: () => (error.hidden ? null : control.value),
    show(value) {
      kind.show(control, value, spec);
      showProblem("");
      remark.textContent = kind.remark?.(control, now(), t) ?? ""; // not said aloud: nobody typed it
      remark.hidden = !remark.textContent;
      chosen?.fit();
    },
  };
}

/** The label of a drop-down's choice, for the eye, where the drop-down is too narrow to show all of it. */
function wholeLabel(select) {
  const node = h("p", { class: "cx-chosen", "aria-hidden": "true", hidden: true });
  const pen = /** @type {CanvasRenderingContext2D} */ (document.createElement("canvas").getContext("2d"));
  function fit() {
    const { fontWeight, fontSize, fontFamily, paddingInlineStart, paddingInlineEnd } = getComputedStyle(select);
    const room = select.clientWidth - parseFloat(paddingInlineStart) - parseFloat(paddingInlineEnd) - ARROW;
    const label = select.selectedOptions[0]?.label ?? "";
    pen.font = `${fontWeight} ${fontSize} ${fontFamily}`;
    node.textContent = select.clientWidth && pen.measureText(label).width > room ? label : "";
    node.hidden = !node.textContent;
  }
  new ResizeObserver(fit).observe(select);
  return { node, fit };
}

// Fields -----------------------------------------------------------------------------------------------

/** Title, question and "optional": what a field is called. */
function heading(field, { t }) {
  return [
    field.title && h("span", { class: "cx-field-title" }, field.title),
    h("span", { class: "cx-question" },
      field.label,
      field.optional && h("span", { class: "cx-optional" }, ` (${t("optional")})`),
    ),
  ];
}

/**
 * Scale and choice: a native radio group whose labels are whole cards.
 * @param {Field} field @param {Tools} tools @returns {View}
 */
function radioField(field, tools) {
  const { t, uid, set } = tools;
  const options = [...(field.options ?? []), ...(field.extra ?? [])];
  const name = uid();
  const helpId = uid();
  const legendId = uid();
  const radios = options.map(() => h("input", { type: "radio", name }));
  const cards = options.map((option, i) => optionCard(option, radios[i], uid()));
  const count = field.options?.length ?? 0;
  const clear = button(t("clear"), empty, { class: "cx-quiet", "aria-describedby": legendId });
  const note = field.note && noteField(field.note, tools);
  const verdict = options.some(({ says }) => says) ? quizVerdict(tools, () => options[radios.findIndex((radio) => radio.checked)]) : null;
  radios.forEach((radio, i) => radio.addEventListener("change", () => choose(options[i].value)));

  function choose(value) {
    show(value);
    set(field.id, value);
  }
  function empty() {
    choose(null);
    radios[0].focus();
  }
  function show(value) {
    const chosen = options.findIndex((option) => option.value === value);
    radios.forEach((radio, i) => (radio.checked = i === chosen));
    clear.hidden = isBlank(value);
    verdict?.forget(isBlank(value));
    if (note) note.node.hidden = isBlank(value) || !(field.note?.when?.includes(value) ?? true);
  }

  const short = field.type === "choice" && options.every(({ label, help }) => label.length <= SHORT && !help);
  const node = h("div", { class: `cx-field cx-${field.type} ${short ? "cx-short" : ""}` },
    h("fieldset", { "aria-describedby": field.help ? helpId : null },
      h("legend", { id: legendId }, heading(field, tools)),
      field.help && h("div", { id: helpId, class: "cx-help" }, paragraphs(field.help)),
      field.details?.map(({ title, items }) => folded(title, [bullets(items)])),
      h("div", { class: "cx-options" }, cards.slice(0, count)),
      cards.length > count && h("div", { class: "cx-options cx-extra" }, cards.slice(count)),
    ),
    note?.node,
    verdict?.node,
    h("div", { class: "cx-field-foot" }, verdict?.button, clear),
  );
  if (verdict) node.addEventListener("keydown", (event) => event.key === "Enter" && event.target instanceof HTMLInputElement && verdict.tell());
  show(null);
  return {
    node,
    show,
    focus: () => (radios.find((radio) => radio.checked) ?? radios[0]).focus(),
    notes: note && field.note ? new Map([[field.note.id, note]]) : undefined,
  };
}

/**
 * What a quiz says to the chosen option, once the person asks: the arrow keys choose on their way.
 * @param {Tools} tools @param {() => Option | undefined} chosen
 */
function quizVerdict({ t, announce, uid }, chosen) {
  const node = h("p", { class: "cx-says", hidden: true });
  const ask = button(t("check"), tell, { class: "cx-second" });
  const topic = uid();
  function tell() {
    const option = chosen();
    if (!option?.says) return;
    const word = t(option.right ? "right" : "not_right");
    node.replaceChildren(h("strong", {}, word), " ", option.says);
    node.toggleAttribute("data-right", Boolean(option.right));
    node.hidden = false;
    announce(topic, `${word} ${option.says}`);
  }
  return {
    node, tell, button: ask,
    /** Another option was chosen. @param {boolean} blank */
    forget(blank) {
      node.hidden = true;
      ask.hidden = blank;
    },
  };
}

/** @param {Option} option @param {HTMLInputElement} radio @param {string} helpId */
function optionCard(option, radio, helpId) {
  if (option.help) radio.setAttribute("aria-describedby", helpId);
  return h("div", { class: "cx-option" },
    h("label", {}, radio, h("span", {}, option.name && h("strong", {}, option.name, " "), option.label)),
    option.help && h("p", { class: "cx-help", id: helpId }, option.help),
  );
}

/**
 * The text that an answer on a scale asks for.
 * @param {Note} note @param {Tools} tools @returns {View}
 */
function noteField(note, tools) {
  const examples = listOf(note.examples);
  const more = folded(tools.t("examples"), examples.length ? [bullets(examples)] : []);
  const view = entryField({ ...note, type: "text", multiline: true }, tools, more);
  view.node.className = "cx-note";
  return view;
}

/**
 * Text, number and date: a label, a control, and what helps to fill it in.
 * @param {Field} field @param {Tools} tools @param {HTMLElement | null} [examples] @returns {View}
 */
function entryField(field, tools, examples = goodAndPoor(field, tools)) {
  const helpId = tools.uid();
  const limitId = tools.uid();
  const hear = (value) => (count(), tools.set(field.id, value, true));
  const one = entry(field, tools, hear, { describedBy: [helpId, limitId] });
  const limit = h("p", { class: "cx-limit", id: limitId });
  show(null);

  function count() {
    const { length } = one.control.value;
    const near = length >= NEAR * (field.maxlength ?? Infinity);
    limit.textContent = near ? tools.t("up_to", { count: length, limit: field.maxlength }) : "";
  }
  function show(value) {
    one.show(value);
    count();
  }
  const node = h("div", { class: `cx-field cx-${field.type}` },
    h("label", { for: one.control.id, class: "cx-label" }, heading(field, tools)),
    h("div", { id: helpId, class: "cx-help" }, paragraphs(field.help)),
    examples,
    h("div", { class: "cx-entry" }, one.control, field.unit && h("span", { class: "cx-unit" }, field.unit)),
    one.notes,
    field.maxlength && limit,
  );
  const focus = () => one.control.focus();
  return { node, show, focus, refused: () => listOf(one.refused()).map((text) => ({ row: 0, column: "", text, focus })) };
}

/**
 * Examples of texts that work well and of texts that do not.
 * @param {Field} field @param {Tools} tools
 */
function goodAndPoor({ good, poor }, { t }) {
  const verdict = (mark, title, items) => [
    h("p", { class: "cx-verdict" }, h("span", { "aria-hidden": "true" }, mark), " ", title),
    bullets(items),
  ];
  return folded(t("examples"), [
    ...(good ? verdict("✓", t("good"), listOf(good)) : []),
    ...(poor ? verdict("△", t("poor"), listOf(poor)) : []),
  ]);
}

/**
 * Table: a list of rows, each a group of labelled controls. On a wide screen only the first row shows
 * its labels, and it reads as a table.
 * @param {Field} field @param {Tools} tools @returns {View}
 */
function tableField(field, tools) {
  const { t, uid, set } = tools;
  const columns = field.columns ?? [];
  const least = Math.max(field.min_rows ?? 1, 1);
  const most = field.max_rows ?? Infinity;
  const helpId = uid();
  const list = h("div", { class: "cx-rows" });
  const add = button(t("add_row"), grow, { class: "cx-second" });
  const full = h("p", { class: "cx-help" }, t("rows_full", { limit: most }));
  /** @type {ReturnType<typeof makeRow>[]} */
  let rows = [];

  function makeRow(values) {
    /** @param {Column} column @returns {Column} */
    const now = (column) => (column.kinds ? { ...column, ...column.kinds[kindOf()] } : column);
    const cells = columns.map((column) =>
      entry(column, tools, () => (column.id === field.kind?.column && adapt(), report()), { now: () => now(column), onUnit: fillUnit }));
    cells.forEach((cell, i) => cell.show(values[columns[i].id] ?? null));
    const remove = button(t("remove"), () => drop(row), { class: "cx-quiet" });
    const node = h("div", { class: "cx-row", role: "group" },
      cells.map(({ control, notes }, i) =>
        h("div", { class: "cx-cell" }, h("label", { for: control.id }, columns[i].label), control, notes)),
      remove,
    );
    const row = { node, remove, read, refused, focus };
    adapt();
    return row;

    /** By the choice that was made in the row. */
    function kindOf() {
      const chosen = columns.findIndex(({ id }) => id === field.kind?.column);
      return field.kind?.of[String(cells[chosen]?.read())] ?? "";
    }
    /** Another choice: what was written is judged anew. */
    function adapt() {
      cells.forEach((cell, i) => {
        const { placeholder, kinds } = now(columns[i]);
        if (!kinds) return;
        cell.control.placeholder = placeholder ?? "";
        cell.judge();
      });
    }
    /** A unit that was written with a number goes where units are, if nothing is there and no other is meant. */
    function fillUnit(unit) {
      const place = columns.findIndex(({ id }) => id === "unit");
      if (!unit || place < 0 || now(columns[place]).only || cells[place].read() !== null) return;
      cells[place].show(unit);
      cells[place].judge();
      report();
    }
    /** @param {string} [column] */
    function focus(column) {
      (cells[columns.findIndex(({ id }) => id === column)] ?? cells[0]).control.focus();
    }
    function refused() {
      return cells.flatMap((cell, i) => listOf(cell.refused()).map((text) => ({ column: columns[i].id, text, focus: () => focus(columns[i].id) })));
    }

    function read() {
      const values = cells.map((cell, i) => [columns[i].id, cell.read()]);
      return Object.fromEntries(values.filter(([, value]) => !isBlank(value)));
    }
  }
  function grow() {
    rows.push(makeRow({}));
    lay();
    rows.at(-1)?.focus();
  }
  function drop(row) {
    const place = rows.indexOf(row);
    rows.splice(place, 1);
    while (rows.length < least) rows.push(makeRow({}));
    lay();
    rows[Math.min(place, rows.length - 1)].focus();
    report();
  }
  /** Puts the rows in place, each called by its number. */
  function lay() {
    rows.forEach(({ node, remove }, i) => {
      node.setAttribute("aria-label", t("row", { number: i + 1 }));
      remove.setAttribute("aria-label", t("remove_row", { number: i + 1 }));
    });
    list.replaceChildren(...rows.map((row) => row.node));
    add.hidden = rows.length >= most;
    full.hidden = !add.hidden || most === 1;
    rows.forEach((row) => (row.remove.hidden = most === 1));
    tools.judged();
  }
  const filledRows = () => rows.filter((row) => Object.keys(row.read()).length);
  function report() {
    const filled = filledRows().map((row) => row.read());
    set(field.id, /** @type {Value} */ (filled.length ? filled : null), true);
  }
  function show(value) {
    const values = Array.isArray(value) ? value : [];
    rows = Array.from({ length: Math.max(least, values.length) }, (_, i) => makeRow(values[i] ?? {}));
    lay();
  }

  const node = h("div", { class: "cx-field cx-table", "data-many": columns.length > 4 },
    h("fieldset", { "aria-describedby": helpId },
      h("legend", {}, heading(field, tools)),
      h("div", { id: helpId, class: "cx-help" }, paragraphs(field.help)),
      list,
      h("div", { class: "cx-field-foot" }, add, full),
    ),
  );
  list.style.setProperty("--cx-columns", columns.map(({ width }) => `minmax(0, ${Number(width) || 1}fr)`).join(" "));
  show(null);
  return {
    node,
    show,
    focus: (row = 0, column = "") => (filledRows()[row - 1] ?? rows[0]).focus(column),
    refused: () => rows.flatMap((row) => row.refused().map((one) => ({ ...one, row: filledRows().indexOf(row) + 1 }))),
  };
}

/** @type {Record<Field["type"], (field: Field, tools: Tools) => View>} */
const FIELDS = {
  scale: radioField,
  choice: radioField,
  text: entryField,
  number: entryField,
  date: entryField,
  table: tableField,
};

// Parts of the form ------------------------------------------------------------------------------------

/**
 * A polite live region. It speaks when things have calmed down, with the latest word on each topic, and
 * does not repeat itself.
 */
function createLiveRegion() {
  const node = h("div", { class: "cx-unseen", role: "status", "aria-live": "polite" });
  /** @type {Map<string, string>} */
  const words = new Map();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let clock;
  function speak() {
    const text = [...words.values()].join(" ");
    if (node.textContent !== text) node.textContent = text;
    words.clear();
  }
  return {
    node,
    /** @param {string} topic @param {string} text */
    say(topic, text) {
      words.set(topic, text);
      clearTimeout(clock);
      clock = setTimeout(speak, 800);
    },
  };
}

/**
 * The bar that stays in view: progress, what became of the last answer, undo, and trouble. News go below it.
 * @param {{t: Tools["t"], undo: () => void, retry: () => void, goRefused: () => void}} with_
 */
function createBar({ t, undo, retry, goRefused }) {
  const meter = h("progress", { "aria-label": t("overall"), value: 0, max: 1 });
  const progress = h("span", { class: "cx-progress" });
  const status = h("span", { class: "cx-status", "data-state": "idle" }, t("autosave"));
  const undoLabel = [h("span", { "aria-hidden": "true" }, "↶ "), h("span", { class: "cx-undo-name" }, t("undo"))];
  const undoButton = button(undoLabel, undo, { class: "cx-quiet", "aria-disabled": "true" });
  const problem = h("p", {});
  const again = button(t("retry"), retry, { class: "cx-quiet" });
  const trouble = h("div", { class: "cx-trouble", hidden: true }, problem, again);
  const refusal = h("p", {});
  const goThere = button("", goRefused, { class: "cx-quiet" });
  const refused = h("div", { class: "cx-refused", hidden: true }, refusal, goThere);
  const news = h("p", { class: "cx-news", hidden: true });
  let last = { state: "idle", text: t("autosave") };
  function tellStatus() {
    const partly = last.state === "saved" && !refused.hidden;
    status.dataset.state = partly ? "problem" : last.state;
    status.textContent = partly ? t("saved_partly") : last.text;
  }
  return {
    node: h("div", { class: "cx-bar" },
      h("div", { class: "cx-bar-line" }, progress, status, undoButton),
      meter,
      refused,
      trouble,
    ),
    news,
    /** @param {number} count  how many entries were not taken in @param {string} [label]  of the first one's field */
    showRefused(count, label) {
      refusal.textContent = count ? t("refused", { count }) : "";
      goThere.textContent = count ? t("go_refused", { label }) : "";
      refused.hidden = !count;
      tellStatus();
    },
    /** @param {number} answered @param {number} total */
    showProgress(answered, total) {
      progress.textContent = t("progress", { answered, total });
      meter.max = Math.max(total, 1);
      meter.value = answered;
    },
    /** @param {"busy" | "saved" | "problem"} state @param {string} text */
    showStatus(state, text) {
      last = { state, text };
      tellStatus();
    },
    /** @param {string} text  what is wrong and what to do; nothing when all is well again */
    showTrouble(text) {
      problem.textContent = text;
      trouble.hidden = !text;
    },
    allowUndo: (allowed) => undoButton.setAttribute("aria-disabled", String(!allowed)),
    /** @param {string} text  nothing takes the last news away */
    showNews(text) {
      news.textContent = text;
      news.hidden = !text;
    },
  };
}

/**
 * The sections' buttons, each with its own progress.
 * @param {Spec} spec @param {Tools["t"]} t @param {(index: number) => void} go
 */
function createNavigation(spec, t, go) {
  const counts = spec.sections.map(() => h("span", { class: "cx-count" }));
  const buttons = spec.sections.map(({ title, colour }, i) => {
    const ordinal = h("span", { class: "cx-ordinal", "aria-hidden": "true" }, i + 1);
    const node = button([ordinal, h("span", { class: "cx-name" }, title), counts[i]], () => go(i));
    tint(node, "section", colour);
    return node;
  });
  return {
    node: h("nav", { "aria-label": `${t("sections")}: ${spec.title}` },
      h("ol", {}, buttons.map((node) => h("li", {}, node))),
    ),
    /** @param {number} current @param {{answered: number, total: number}[]} progress */
    show(current, progress) {
      buttons.forEach((node, i) => {
        const { answered, total } = progress[i];
        const done = total > 0 && answered === total;
        node.setAttribute("aria-current", i === current ? "step" : "false");
        node.toggleAttribute("data-done", done);
        counts[i].replaceChildren(
          h("span", { "aria-hidden": "true" }, total ? `${done ? "✓ " : ""}${answered}/${total}` : ""),
          h("span", { class: "cx-unseen" }, total ? ` ${t("progress", { answered, total })}` : ""),
        );
      });
    },
  };
}

/**
 * One section: its heading, its fields, and the way on.
 * @param {Spec} spec @param {number} index @param {Tools["t"]} t
 * @param {Node[]} fields @param {(index: number) => void} go
 */
function createSection({ sections }, index, t, fields, go) {
  const { title, intro, colour } = sections[index];
  const before = sections[index - 1];
  const after = sections[index + 1];
  const heading = h("h3", { tabindex: "-1" }, title);
  const place = t("section_of", { number: index + 1, total: sections.length });
  const head = h("div", { class: "cx-section-head" },
    sections.length > 1 && h("p", { class: "cx-place" }, place),
    heading,
    paragraphs(intro),
  );
  const leads = h("div", { class: "cx-leads" },
    before && button(t("back"), () => go(index - 1), { class: "cx-second" }),
    after && button(t("next", { title: after.title }), () => go(index + 1), { class: "cx-first" }),
  );
  const node = h("div", { class: "cx-section" }, head, fields, leads);
  tint(node, "section", colour);
  return { node, head, heading, leads };
}

/**
 * The panel after the last field: done, or how much is open and the way there; and what comes after the form.
 * @param {Tools["t"]} t @param {() => void} goOpen @param {Onward} [onward]
 */
function createEnd(t, goOpen, onward) {
  const title = h("h4", {});
  const text = h("p", {});
  const lead = button(t("go_open"), goOpen, { class: "cx-second" });
  const next = onward && [h("p", {}, onward.text), button(onward.label, onward.act, { class: "cx-first" })];
  const node = h("div", { class: "cx-end" }, title, text, lead, next);
  if (!onward) lead.className = "cx-first";
  return {
    node,
    /** @param {number} open  how many questions are not answered @param {{right: number, total: number}} score  of a quiz */
    show(open, score) {
      title.textContent = t(open ? "left_title" : "all_answered_title", { count: open, ...score });
      text.textContent = t(open ? "left" : "all_answered");
      node.toggleAttribute("data-done", !open);
      lead.hidden = !open;
    },
  };
}

/** Hands a colour of the spec to the style sheet, if it is one. */
function tint(node, name, colour) {
  if (colour && CSS.supports("color", colour)) node.style.setProperty(`--cx-given-${name.replace(/_/g, "-")}`, colour);
}

/** A text with the words in braces filled in. */
const fill = (text, data) => text.replace(/\{(\w+)\}/g, (whole, name) => String(data[name] ?? whole));

/** The clock time of an ISO moment, "14:03"; any other text as it is. */
function clockTime(at, language) {
  const moment = new Date(at);
  if (Number.isNaN(moment.getTime())) return at;
  return new Intl.DateTimeFormat(language, { hour: "numeric", minute: "2-digit", hourCycle: "h23" }).format(moment);
}

// The form ---------------------------------------------------------------------------------------------

/**
 * Renders `spec` into `el` and keeps its answers with `host`.
 * @param {HTMLElement} el
 * @param {{spec: Spec, host: Host, onward?: Onward}} with_
 * @returns {Promise<Mounted>} called, it takes the form away again, sending what is still to send
 */
export async function mount(el, { spec, host, onward }) {
  const opened = await host.load();
  const journal = createJournal(spec.key);
  const kept = journal.read();
  const start = kept.position ?? opened.position ?? {};
  const fields = spec.sections.flatMap((section, index) => section.fields.map((field) => ({ ...field, index })));
  const prefix = `cx${Math.random().toString(36).slice(2, 9)}`;
  let ids = 0;

  /** @type {Values} */
  const values = { ...opened.values };
  /** @type {Map<string, View>} of fields and notes */
  const views = new Map();
  let current = Math.max(spec.sections.findIndex(({ id }) => id === start.section), 0);
  let lastField = start.field;

  const position = () => ({ section: spec.sections[current]?.id, field: lastField });
  const fieldOf = (id) => fields.find((field) => id && [field.id, field.note?.id].includes(id));
  const refusedIn = (field) => views.get(field.id)?.refused?.() ?? [];
  const isOpen = (field) => !field.optional && (isBlank(values[field.id]) || refusedIn(field).length > 0);
  const isRight = (field) => field.options?.some(({ value, right }) => right && value === values[field.id]) ?? false;
  const progressOf = (list) => {
    const total = list.filter((field) => !field.optional).length;
    return { total, answered: total - list.filter(isOpen).length };
  };

  const t = (key, data = {}) => fill(spec.texts[key] ?? key, data);
  const live = createLiveRegion();
  const history = createHistory();
  const outbox = createOutbox({ host, journal, position, tell: showState });
  let ready = false;
  const judged = () => ready && refresh();
  const tools = { t, set, uid: () => `${prefix}-${(ids += 1)}`, announce: live.say, judged };

  const bar = createBar({ t, undo: () => undo(), retry: () => outbox.send(), goRefused });
  const navigation = createNavigation(spec, t, go);
  const end = createEnd(t, () => focusField(fields.find(isOpen)?.id), onward);
  const sections = spec.sections.map((section, index) =>
    createSection(spec, index, t, section.fields.map(createField), go));
  const resume = button(t("resume"), () => focusField(start.field), { class: "cx-second" });
  sections.at(-1)?.leads.before(end.node);
  ready = true;

  // Answers

  /**
   * The person answered.
   * @param {string} id @param {Value} value @param {boolean} [typed]
   */
  function set(id, value, typed = false) {
    const before = values[id] ?? null;
    if (same(before, value)) return;
    history.note(id, before, typed);
    keep(id, value, typed ? TYPING_PAUSE : 0);
  }

  /** @param {string} id @param {Value} value @param {number} wait */
  function keep(id, value, wait) {
    resume.remove();
    values[id] = value;
    lastField = fieldOf(id)?.id;
    const worked = journal.working;
    outbox.put(id, value, wait);
    if (worked && !journal.working) bar.showNews(t("no_copy"));
    refresh();
  }

  /** Takes the last step back and shows where that was; gives the field. */
  function undo() {
    const step = history.take();
    if (!step) return;
    const field = fieldOf(step.id);
    const view = views.get(step.id);
    if (field && field.index !== current) show(field.index);
    view?.show(step.before);
    keep(step.id, step.before, 0);
    view?.node.scrollIntoView({ block: "nearest" });
    live.say("undone", t("undone", { label: field?.label ?? "" }));
    return view;
  }

  /** Takes over answers that changed elsewhere, unless the person is changing them here. */
  function receive(latest) {
    const changed = [...views.keys()].filter((id) => !outbox.holds(id) && !same(values[id], latest[id]));
    if (!changed.length) return;
    for (const id of changed) {
      values[id] = latest[id] ?? null;
      views.get(id)?.show(values[id]);
    }
    history.forget(changed);
    const news = t("changed", { count: changed.length });
    bar.showNews(news);
    live.say("news", news);
    refresh();
  }

  /** Puts back what an earlier mount could not get acknowledged. */
  function resend() {
    const unsent = Object.entries(kept.values).filter(([id]) => views.has(id));
    for (const [id, value] of unsent) {
      values[id] = value;
      outbox.put(id, value, 0);
    }
    if (unsent.length) bar.showNews(t("resent", { count: unsent.length }));
    else if (!journal.working) bar.showNews(t("no_copy"));
  }

  // What it says

  /** @param {{waiting?: boolean, saving?: boolean, saved?: Receipt, problem?: any}} state */
  function showState({ saving, saved, problem }) {
    if (problem) showProblem(problem);
    else if (saved) showSaved(saved);
    else bar.showStatus("busy", t(saving ? "saving" : "waiting"));
  }

  /** @param {Receipt} receipt */
  function showSaved({ at, changed, refused }) {
    const text = t("saved", { time: clockTime(at, spec.language) });
    const all = outbox.empty();
    bar.showStatus(all ? "saved" : "busy", all ? text : t("waiting"));
    bar.showTrouble(Object.values(refused ?? {}).join(" "));
    if (changed) receive({ ...values, ...changed });
    // Someone who is typing is not told of every pause.
    if (!takesText(document.activeElement)) live.say("saved", `${text} ${t("progress", progressOf(fields))}`);
  }

  function showProblem(problem) {
    const known = problem instanceof SaveProblem;
    if (!known) console.error(problem);
    const key = known ? problem.key : "failed";
    const data = known ? problem.data : { message: t("crashed", { error: problem }) };
    const text = t(key === "not_answering" && !journal.working ? "not_answering_no_copy" : key, data);
    bar.showStatus("problem", t("waiting"));
    bar.showTrouble(text);
    live.say("saved", text);
  }

  function refresh() {
    const { answered, total } = progressOf(fields);
    bar.showProgress(answered, total);
    const refused = fields.filter((field) => refusedIn(field).length);
    const count = refused.reduce((sum, field) => sum + refusedIn(field).length, 0);
    bar.showRefused(count, refused[0]?.label);
    bar.allowUndo(!history.empty());
    navigation.show(current, spec.sections.map((section) => progressOf(section.fields)));
    end.show(total - answered, { right: fields.filter(isRight).length, total });
  }

  // Getting about

  /** @param {Field} field */
  function createField(field) {
    const view = FIELDS[field.type](field, tools);
    views.set(field.id, view);
    view.notes?.forEach((note, id) => views.set(id, note));
    view.node.addEventListener("focusin", () => (lastField = field.id));
    view.node.addEventListener("focusout", ({ target, relatedTarget }) => {
      if (takesText(target) || !view.node.contains(/** @type {Node | null} */ (relatedTarget))) history.pause();
    });
    return view.node;
  }

  /** @param {number} index */
  function show(index) {
    current = index;
    sections.forEach(({ node }, i) => (node.hidden = i !== index));
    refresh();
  }

  /** @param {number} index */
  function go(index) {
    resume.remove();
    bar.showNews("");
    lastField = spec.sections[index].fields[0]?.id;
    show(index);
    outbox.move();
    sections[index].heading.focus({ preventScroll: true });
    sections[index].heading.scrollIntoView({ block: "start" });
  }

  /** @param {string | undefined} id @param {number} [row] @param {string} [column] */
  function focusField(id, row, column) {
    const field = fieldOf(id);
    if (!field) return;
    resume.remove();
    show(field.index);
    const refused = refusedIn(field).find((one) => !column || (one.column === column && one.row === (row ?? 0)));
    if (refused) refused.focus();
    else views.get(field.id)?.focus(row, column);
    if (!row && !refused) views.get(field.id)?.node.scrollIntoView({ block: "nearest" });
  }

  function goRefused() {
    focusField(fields.find((field) => refusedIn(field).length)?.id);
  }

  /** @param {KeyboardEvent} event */
  function onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !takesText(event.target)) undo()?.focus();
    else if (key === "s") outbox.send(); // what a hand does that is used to saving
    else return;
    event.preventDefault();
  }

  // Opening and closing

  const titleId = tools.uid();
  const root = h("section", { class: "cx-form", lang: spec.language, "aria-labelledby": titleId, onkeydown: onKey },
    h("div", { class: "cx-head" },
      h("h2", { id: titleId }, spec.title),
      paragraphs(spec.intro),
      paragraphs(spec.notice, { class: "cx-news" }),
    ),
    bar.node,
    h("div", { class: "cx-body" },
      bar.news,
      sections.length > 1 && navigation.node,
      h("div", { class: "cx-main" }, sections.map(({ node }) => node)),
    ),
    live.node,
  );
  for (const [name, colour] of Object.entries(spec.colours ?? {})) tint(root, name, colour);

  resend();
  views.forEach((view, id) => view.show(values[id] ?? null));
  show(current);
  if (fieldOf(start.field)) sections[current].head.append(resume);
  el.replaceChildren(root);

  const life = new AbortController();
  const { signal } = life;
  root.addEventListener("focusout", ({ target }) => takesText(target) && outbox.send());
  addEventListener("pagehide", outbox.send, { signal });
  document.addEventListener("visibilitychange", () => document.hidden && outbox.send(), { signal });
  const unwatch = host.watch?.(receive);

  function unmount() {
    life.abort();
    unwatch?.();
    outbox.close();
    root.remove();
  }
  return Object.assign(unmount, {
    refused: () => fields.flatMap((field) => refusedIn(field).map(({ row, column, text }) => ({ field: field.id, row, column, text }))),
    goTo: ({ field, row, column }) => focusField(field, row, column),
  });
}

/**
 * What anywidget calls for each view of a form in a notebook.
 * @param {{model: any, el: HTMLElement}} with_
 */
async function render({ model, el }) {
  keepNotebookOut(el);
  const host = kernelHost(model);
  const unmount = await mount(el, { spec: model.get("spec"), host });
  return () => {
    unmount();
    host.close();
  };
}

/**
 * A notebook acts on arrows and single letters ("d d" deletes the cell) unless the focused element says
 * no, and it swallows the line breaks that are typed in any of its outputs.
 * @param {HTMLElement} el
 */
function keepNotebookOut(el) {
  el.addEventListener("focusin", ({ target }) => {
    /** @type {Element} */ (target).setAttribute("data-lm-suppress-shortcuts", "true");
  });
  el.addEventListener("beforeinput", (event) => event.stopPropagation(), { capture: true });
}

export default { render };
