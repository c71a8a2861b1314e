"""A process that has everything imported and nothing run, and forks one Jupyter kernel after another from itself.

`warm.WarmKernels` starts it as `python -m cxassess.reports.warm_kernel SOCKET MODULE…`. A request on the socket is a line of
JSON, `{"argv": […], "env": {…}, "cwd": "…"}`; the answer is the new kernel's process id. It ends, and with it
every kernel, when its standard input closes.
"""

import gc
import json
import os
import select
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from typing import Any

OF_EVERY_KERNEL = (
    "ipykernel.kernelapp",
    "ipykernel.debugger",
    "IPython.core.completerlib",
    "IPython.extensions.storemagic",
)
"""What a kernel imports while it starts, some of it late; nothing that looks for the kernel while it is imported."""
LONGEST_REQUEST = 1_000_000


def main(address: str, *modules: str) -> None:
    """Import the modules, then fork a kernel for every request."""
    kernels: set[int] = set()
    ended, bell = socket.socketpair()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(address)
        door.listen()
        for name in (*OF_EVERY_KERNEL, *modules):
            module = import_module(name)
            if prepare := getattr(module, "prepare", None):
                prepare()
        bell.setblocking(False)
        signal.set_wakeup_fd(bell.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # a kernel that ends rings the bell
        gc.collect()
        gc.freeze()  # what is shared stays shared: no collection writes into it
        print(json.dumps("ready"), flush=True)
        while sys.stdin not in (ready := select.select([door, ended, sys.stdin], [], [])[0]):
            if ended in ready:
                ended.recv(1024)
                kernels -= set(_ended())
            if door in ready and (pid := _answer(door)):
                kernels.add(pid)
    for one in kernels:
        with suppress(OSError):
            os.killpg(one, signal.SIGKILL)


def _answer(door: socket.socket) -> int | None:
    """Fork a kernel for whoever knocks; its process id, or `None` when nobody is there any more."""
    with door.accept()[0] as caller:
        line = caller.makefile().readline(LONGEST_REQUEST)
        if not line.endswith("\n"):
            return None
        pid = os.fork()
        if not pid:
            door.close()
            _become_kernel(json.loads(line), caller)
        with suppress(OSError):  # the child says so as well, whoever comes first
            os.setpgid(pid, pid)
        return pid


def _ended() -> Iterator[int]:
    """The kernels that have ended since the last look."""
    with suppress(ChildProcessError):
        while pid := os.waitpid(-1, os.WNOHANG)[0]:
            yield pid


def _become_kernel(request: dict[str, Any], caller: socket.socket) -> None:
    """What a fresh interpreter would do on `python -m ipykernel_launcher`; never returns."""
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        nothing = os.open(os.devnull, os.O_RDWR)
        os.dup2(nothing, 0)
        os.dup2(nothing, 1)
        os.environ.clear()
        os.environ.update(request["env"])
        os.chdir(request["cwd"])
        sys.argv = request["argv"]
        sys.path[0] = ""  # as for every kernel

        from ipykernel.kernelapp import IPKernelApp

        app: Any = IPKernelApp.instance()
        app.initialize([*request["argv"][1:], f"--IPKernelApp.parent_handle={os.getppid()}"])
        with caller:
            caller.sendall(f"{os.getpid()}\n".encode())
        app.start()
    finally:
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
