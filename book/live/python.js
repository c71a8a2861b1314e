// @ts-check
/**
 * Python in a worker: what the pages ask `cxassess.live` for.
 *
 * @typedef {{error?: string, html?: string, [name: string]: any}} Reply
 */

/** @typedef {(done: number, total: number, part?: string) => void} Progress  of larger parts that are being loaded; without a part all are there */

/** What a call needs beyond the standard library; it is loaded when it is first asked for. */
const NEEDS = { plan: ["numpy", "scipy"], change: ["numpy", "scipy"] };
const DOCUMENTS = { ".html": ["numpy", "matplotlib", "matplotlib-fontja"], ".xlsx": ["openpyxl"] };

/** Python or a part of it did not load, or it stopped; `key` names the sentence that says so. */
export class Unavailable extends Error {
  /** @param {"no_wasm" | "no_python" | "no_part" | "crashed"} key @param {string} [found] */
  constructor(key, found = "") {
    super(found || key);
    this.key = key;
    this.found = found;
  }
}

/**
 * Starts loading Python at once and hands calls to it one after the other.
 * @param {{pyodide: string, package: string, language: string}} where
 */
export function startPython(where) {
  /** @type {Map<number, {word: PromiseWithResolvers<Reply>, tell: Progress}>} */
  const waiting = new Map();
  let last = 0;
  /** @type {Worker | undefined} */
  let worker;

  function open() {
    if (typeof WebAssembly !== "object") throw new Unavailable("no_wasm");
    const opened = new Worker(new URL("worker.js", import.meta.url));
    opened.onmessage = ({ data: { id, progress, failed, found, reply } }) => {
      const asked = waiting.get(id);
      if (progress) return asked?.tell(progress.done, progress.total, progress.part);
      waiting.delete(id);
      if (!failed) return asked?.word.resolve(reply);
      const problem = new Unavailable(failed, found);
      asked?.word.reject(problem);
      if (failed !== "no_part") stop(problem);
    };
    opened.onerror = (event) => {
      event.preventDefault();
      stop(new Unavailable("no_python", event.message ?? ""));
    };
    opened.postMessage({ start: where });
    return opened;
  }

  /** All who wait are told; the next call starts afresh. @param {Unavailable} problem */
  function stop(problem) {
    worker?.terminate();
    worker = undefined;
    for (const { word } of waiting.values()) word.reject(problem);
    waiting.clear();
  }

  return {
    /** @param {string} name @param {Record<string, any>} args @param {Progress} [tell] @returns {Promise<Reply>} */
    async call(name, args, tell = () => {}) {
      worker ??= open();
      const id = (last += 1);
      const word = Promise.withResolvers();
      waiting.set(id, { word, tell });
      const ending = args.ending ?? args.name?.match(/\.\w+$/)?.[0].toLowerCase();
      const packages = NEEDS[name] ?? DOCUMENTS[ending] ?? [];
      worker.postMessage({ id, call: name, args, packages });
      return word.promise;
    },
    /** Loads Python ahead of the first call; silent if that fails, for the first call will say so. */
    prepare: () => {
      try {
        worker ??= open();
      } catch {
        /* said by the first call */
      }
    },
  };
}
