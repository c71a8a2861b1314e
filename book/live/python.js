// @ts-check
/**
 * Python in a worker: what the pages ask `cxassess.live` for.
 *
 * @typedef {{error?: string, html?: string, [name: string]: any}} Reply
 */

/** What a call needs beyond the standard library; it is loaded when it is first asked for. */
const NEEDS = { plan: ["numpy", "scipy"], change: ["numpy", "scipy"] };
const DOCUMENTS = { ".docx": ["python-docx"], ".xlsx": ["openpyxl"] };

/** Python did not load, or it stopped; `key` names the sentence that says so. */
export class Unavailable extends Error {
  /** @param {"no_wasm" | "no_python" | "crashed"} key @param {string} [found] */
  constructor(key, found = "") {
    super(found || key);
    this.key = key;
    this.found = found;
  }
}

/**
 * Starts loading Python at once and hands calls to it one after the other.
 * @param {{pyodide: string, package: string, language: string}} where
 * @param {(done: number, total: number) => void} [tellProgress]  of larger parts
 */
export function startPython(where, tellProgress = () => {}) {
  /** @type {Map<number, PromiseWithResolvers<any>>} */
  const waiting = new Map();
  let last = 0;
  /** @type {Worker | undefined} */
  let worker;

  function open() {
    if (typeof WebAssembly !== "object") throw new Unavailable("no_wasm");
    const opened = new Worker(new URL("worker.js", import.meta.url));
    opened.onmessage = ({ data }) => {
      if (data.progress) return tellProgress(data.progress.done, data.progress.total);
      const word = waiting.get(data.id);
      waiting.delete(data.id);
      if (data.failed) word?.reject(new Unavailable(data.failed, data.found));
      else word?.resolve(data.reply);
      if (data.failed) stop();
    };
    opened.onerror = (event) => {
      event.preventDefault();
      for (const word of waiting.values()) word.reject(new Unavailable("no_python", event.message ?? ""));
      stop();
    };
    opened.postMessage({ start: where });
    return opened;
  }

  /** The next call starts afresh. */
  function stop() {
    worker?.terminate();
    worker = undefined;
    waiting.clear();
  }

  return {
    /** @param {string} name @param {Record<string, any>} args @returns {Promise<Reply>} */
    async call(name, args = {}) {
      worker ??= open();
      const id = (last += 1);
      const word = Promise.withResolvers();
      waiting.set(id, word);
      const packages = NEEDS[name] ?? DOCUMENTS[args.ending ?? args.name?.match(/\.\w+$/)?.[0]] ?? [];
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
