// Runs cxassess in this worker: the standard library alone at first, larger packages when a call needs them.
let where;
let python;

onmessage = ({ data }) => {
  if (data.start) {
    where = data.start;
    python = Promise.race([start(), broken.promise]);
    python.catch(() => {}); // said by the first call
  } else {
    answer(data);
  }
};

// Pyodide only warns when its WebAssembly does not arrive, and then waits for ever.
const broken = Promise.withResolvers();
const plainFetch = self.fetch;
self.fetch = async (...request) => {
  try {
    const response = await plainFetch(...request);
    if (!response.ok) throw new Error(`${response.url}: ${response.status}`);
    return response;
  } catch (problem) {
    broken.reject(problem);
    throw problem;
  }
};

/** Loads Python and, meanwhile, the package, from the site's own folders. */
async function start() {
  const archive = fetched(where.package);
  importScripts(`${where.pyodide}pyodide.js`);
  const py = await loadPyodide({ indexURL: where.pyodide });
  py.unpackArchive(await archive, "zip", { extractDir: "/package" });
  py.runPython("import sys; sys.path.insert(0, '/package')");
  const live = py.pyimport("cxassess.live");
  live.prepare();
  return { py, call: live.call };
}

const fetched = async (address) => (await fetch(address)).arrayBuffer();

const loaded = new Set();

async function load(id, py, packages) {
  const missing = packages.filter((name) => !loaded.has(name));
  for (const [done, name] of missing.entries()) {
    postMessage({ id, progress: { done, total: missing.length, part: name } });
    await py.loadPackage(name);
    if (!Object.keys(py.loadedPackages).includes(name)) throw new Error(name);
    loaded.add(name);
  }
  if (missing.length) postMessage({ id, progress: { done: missing.length, total: missing.length } });
}

async function answer({ id, call, args, packages }) {
  let failed = "no_python";
  try {
    const found = await python;
    failed = "no_part";
    await load(id, found.py, packages);
    failed = "crashed";
    postMessage({ id, reply: JSON.parse(found.call(call, JSON.stringify(args), where.language)) });
  } catch (error) {
    postMessage({ id, failed, found: lastLine(error) });
  }
}

const lastLine = (error) => String(error?.message ?? error).trim().split("\n").at(-1);
