// Runs before JupyterLite starts. A lesson that was renewed is not hidden by the reader's older copy without
// asking: each lesson carries a mark of its text, which her copy keeps. With `&run` the lesson runs at once.

const TEXTS = {
  en: {
    renewed: "This lesson was renewed",
    since: "You changed this lesson earlier, and since then it was renewed. What you changed is not lost either way.",
    fresh: "Open the new lesson (mine is kept as “{name}”)",
    mine: "Keep mine",
    starting: "Python is starting in your browser. The first time this takes a moment.",
  },
  ja: {
    renewed: "このレッスンは新しくなりました",
    since: "以前このレッスンを変更なさったあとに、レッスンが更新されました。どちらを選んでも、変更した内容は失われません。",
    fresh: "新しいレッスンを開く（変更した版は「{name}」として残ります）",
    mine: "変更した版を使い続ける",
    starting: "ブラウザーの中でPythonを起動しています。初回は少し時間がかかります。",
  },
};
const lite = new URL(".", import.meta.url);
const query = new URLSearchParams(location.search);
const path = query.get("path");
const texts = TEXTS[path?.match(/^notebooks-(\w+)\//)?.[1]] ?? TEXTS.en;

if (path?.endsWith(".ipynb")) {
  await offerRenewal(path).catch((problem) => console.warn(problem)); // storage forbidden: nothing is hidden either
  if (query.has("run")) run();
}

// Renewed lessons

async function offerRenewal(path) {
  const served = await fetch(new URL(`files/${path}`, lite), { cache: "no-cache" });
  const mark = served.ok && (await served.json()).metadata.lesson;
  const files = mark && (await openFiles());
  if (!files) return;
  try {
    const kept = await files.get(path);
    if (!kept || kept.content.metadata.lesson === mark) return;
    const copy = await freeName(files, path);
    const choice = await ask(copy.split("/").pop());
    if (choice === "fresh") {
      await files.put({ ...kept, path: copy, name: copy.split("/").pop() }, copy);
      await files.delete(path);
    } else if (choice === "mine") {
      kept.content.metadata.lesson = mark;
      await files.put(kept, path);
    }
  } finally {
    files.close();
  }
}

async function freeName(files, path) {
  const stem = path.replace(/\.ipynb$/, "");
  let name = `${stem}-mine.ipynb`;
  for (let number = 2; await files.get(name); number += 1) name = `${stem}-mine-${number}.ipynb`;
  return name;
}

// JupyterLite's own store of what the reader keeps; nothing where there is none yet.
async function openFiles() {
  const request = indexedDB.open(`JupyterLite Storage - ${lite.pathname}`);
  request.onupgradeneeded = () => request.transaction.abort();
  const database = await settled(request).catch(() => null);
  if (!database?.objectStoreNames.contains("files")) {
    database?.close();
    return null;
  }
  const store = (mode) => database.transaction("files", mode).objectStore("files");
  return {
    get: (key) => settled(store("readonly").get(key)),
    put: (value, key) => settled(store("readwrite").put(value, key)),
    delete: (key) => settled(store("readwrite").delete(key)),
    close: () => database.close(),
  };
}

function settled(request) {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = (event) => {
      event.preventDefault();
      reject(request.error);
    };
  });
}

async function ask(name) {
  await body();
  const dialog = document.createElement("dialog");
  const title = Object.assign(document.createElement("h1"), { id: "cx-renewed", textContent: texts.renewed });
  const since = Object.assign(document.createElement("p"), { textContent: texts.since });
  const form = Object.assign(document.createElement("form"), { method: "dialog" });
  for (const value of ["fresh", "mine"]) {
    const textContent = texts[value].replace("{name}", name);
    form.append(Object.assign(document.createElement("button"), { value, textContent }));
  }
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.style.cssText = "max-width:32rem;padding:1.5rem;font:1rem/1.6 sans-serif;border:1px solid;border-radius:8px";
  title.style.cssText = "margin-top:0;font-size:1.3rem";
  form.style.cssText = "display:flex;flex-direction:column;gap:.75rem";
  for (const button of form.children) button.style.cssText = "font:inherit;padding:.6rem;cursor:pointer";
  dialog.append(title, since, form);
  document.body.append(dialog);
  dialog.showModal();
  await new Promise((resolve) => dialog.addEventListener("close", resolve));
  dialog.remove();
  return dialog.returnValue;
}

// Running

async function run() {
  await body();
  const note = Object.assign(document.createElement("p"), { role: "status", textContent: texts.starting });
  note.style.cssText =
    "position:fixed;inset:auto 0 0;z-index:10000;margin:0;padding:.6rem 1rem;font:1rem/1.5 sans-serif;background:#1f2933;color:#fff";
  document.body.append(note);
  const app = await until(() => window.jupyterapp);
  await app.started;
  const panel = await until(() => app.shell.currentWidget?.sessionContext && app.shell.currentWidget);
  await panel.context.ready;
  await panel.sessionContext.ready;
  const done = app.commands.execute("notebook:run-all-cells");
  panel.content.activeCellIndex = 0;
  await panel.sessionContext.session.kernel.info;
  note.remove();
  await done;
}

async function until(test) {
  for (;;) {
    const found = test();
    if (found) return found;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function body() {
  return until(() => document.body);
}
