"""In the browser: a package is fetched, and a compiled part of it loaded, when it is first imported.

Pyodide itself loads whole packages, each compiled part of them, before a cell runs, and knows only the
imports written in that cell. The lessons mostly import through `cxassess`, which loads a library where it
is used. So a finder at the end of the import path takes a missing package from the site's lock; that works
without waiting because a kernel is a worker, which may fetch and compile synchronously.

IPython loads this as an extension (`ipython_config.py`).
"""

import importlib
import json
import sys
from collections.abc import Iterator, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ExtensionFileLoader, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Any

import pyodide_js
from pyodide._package_loader import get_install_dir, unpack_buffer
from pyodide.code import run_js

fetch = run_js("""(url) => {
    const request = new XMLHttpRequest();
    request.open("GET", url, false);
    request.responseType = "arraybuffer";
    request.send();
    if (request.status !== 200) throw new Error(`${url}: ${request.status} ${request.statusText}`);
    return new Uint8Array(request.response);
}""")
link = run_js("""(runtime, path, shared) => {
    const file = name => [name, `/usr/lib/${name.split("/").pop()}`].find(place => runtime.FS.findObject(place));
    const fs = {findObject: name => file(name) || null, readFile: name => runtime.FS.readFile(file(name))};
    const options = {loadAsync: false, nodelete: true, allowUndefined: true, global: shared, fs};
    runtime.loadDynamicLibrary(path, options, shared ? null : {});
    const known = runtime.LDSO.loadedLibsByName;
    known[path.split("/").pop()] ||= known[path];
}""")


class LockFinder(MetaPathFinder):
    """Finds top-level modules in the packages of the lock that are not there yet."""

    def __init__(self, packages: dict[str, dict[str, Any]]) -> None:
        self.packages = packages
        self.home = {module: name for name, entry in packages.items() for module in entry["imports"]}

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        package = self.home.get(fullname)
        missing = list(self._missing(package)) if package else []
        for name in missing:
            self._install(name)
        if not missing:
            return None
        importlib.invalidate_caches()
        return PathFinder.find_spec(fullname, path, target)

    def _missing(self, name: str) -> Iterator[str]:
        """What must be installed for a package, dependencies first."""
        if hasattr(pyodide_js.loadedPackages, self.packages[name]["name"]):
            return
        for needed in self.packages[name]["depends"]:
            yield from self._missing(needed)
        yield name

    def _install(self, name: str) -> None:
        entry = self.packages[name]
        if hasattr(pyodide_js.loadedPackages, entry["name"]):
            return
        shared = entry["package_type"] == "shared_library"
        libraries = unpack_buffer(
            fetch(pyodide_js._api.config.indexURL + entry["file_name"]),
            filename=entry["file_name"],
            extract_dir=get_install_dir(entry["install_dir"]),
            calculate_dynlibs=shared,
            installer="pyodide.loadPackage",
            source="pyodide",
        )
        for library in libraries or ():
            link(pyodide_js._module, library, True)
        if name == "matplotlib":
            correct_font_list(Path(get_install_dir(), "matplotlib", "fontlist.json"))
        setattr(pyodide_js.loadedPackages, entry["name"], "default channel")


def correct_font_list(file: Path) -> None:
    """Make matplotlib take the list of fonts in its wheel, and not search for fonts with a warning.

    The list of Pyodide's matplotlib 3.8.4 is marked as one of another version, and names fonts that only its
    builder had.
    """
    table = json.loads(file.read_text("utf-8"))
    own = [font for font in table["ttflist"] if not font["fname"].startswith("/")]
    file.write_text(json.dumps({**table, "_version": 330, "afmlist": [], "ttflist": own}), "utf-8")


def load_ipython_extension(shell: Any) -> None:
    from pyodide_kernel import kernel

    sys.meta_path.append(LockFinder(pyodide_js._api.lockfile_packages.to_py()))
    create = ExtensionFileLoader.create_module

    def create_linked(self: ExtensionFileLoader, spec: ModuleSpec) -> ModuleType:
        link(pyodide_js._module, spec.origin, False)
        return create(self, spec)

    async def leave_to_the_finder(code: str) -> None:
        pass

    ExtensionFileLoader.create_module = create_linked  # type: ignore[method-assign]
    kernel._load_packages_from_imports = leave_to_the_finder
    shell.Completer.use_jedi = False
