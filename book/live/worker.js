// Runs cxassess in this worker: the standard library alone at first, larger packages when a call needs them.
let where;
let python;

onmessage = ({ data }) => {
  if (data.start) {
    where = data.start;
    python = start();
    python.catch(() => {}); // said by the first call
  } else {
    answer(data);
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

async function fetched(address) {
  const response = await fetch(address);
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  return response.arrayBuffer();
}

const loaded = new Set();

async function load(py, packages) {
  const missing = packages.filter((name) => !loaded.has(name));
  for (const [done, name] of missing.entries()) {
    postMessage({ progress: { done, total: missing.length } });
    await py.loadPackage(name);
    if (!Object.keys(py.loadedPackages).includes(name)) throw new Error(name);
    loaded.add(name);
  }
}

async function answer({ id, call, args, packages }) {
  let found;
  try {
    found = await python;
    await load(found.py, packages);
  } catch (error) {
    postMessage({ id, failed: "no_python", found: lastLine(error) });
    return;
  }
  try {
    postMessage({ id, reply: JSON.parse(found.call(call, JSON.stringify(args), where.language)) });
  } catch (error) {
    postMessage({ id, failed: "crashed", found: lastLine(error) });
  }
}

const lastLine = (error) => String(error?.message ?? error).trim().split("\n").at(-1);
