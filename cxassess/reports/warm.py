"""A papermill engine whose kernels start warm: each is forked from one process that has everything imported.

A kernel that is kept and reset between notebooks leaks: modules, environment, open figures survive the reset. Here
every notebook has a kernel process of its own, forked from one that never ran a cell, so that there is nothing
to reset; and it starts in a tenth of the time, because nothing is left to import.

    papermill.execute_notebook("in.ipynb", "out.ipynb", engine_name="warm")

Where there is no fork (Windows), where it is not safe (macOS), or where that one process did not start, the engine
starts fresh kernels, as papermill itself does.
"""

import asyncio
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable
from math import inf
from pathlib import Path
from queue import Empty
from types import TracebackType
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from papermill.engines import NBClientEngine, papermill_engines

CAN_FORK = sys.platform == "linux"
ADDRESS = "CXASSESS_WARM_KERNELS"
"""The environment variable that tells the engine where warm kernels are to be had."""
POLL = 0.01
"""Seconds between two looks whether a kernel has ended."""
SUBSCRIBED = 0.05
"""Seconds in which a kernel's first message arrives once the client listens; else it is asked again."""
END = 5.0
"""Seconds that the process from which kernels are forked has to end by itself."""


class WarmKernels:
    """Warm kernels for every notebook that this process and its children run with the engine "warm", while it is open.

    Args:
        modules: what every kernel has imported from the start; a module's `prepare()`, if it has one, is called.
    """

    def __init__(self, modules: Iterable[str] = ()) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix="cx-"))
        self._address = str(self._folder / "door")
        self._process: subprocess.Popen[bytes] | None = None
        if not CAN_FORK or ADDRESS in os.environ:  # those that are open already serve
            return
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-m", __package__ + ".warm_kernel", self._address, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # One thread each: kernels run side by side, and a process with threads must not fork.
            env={
                **os.environ,
                **dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
            }
            | {
                "MPLBACKEND": "module://matplotlib_inline.backend_inline",
                "PYDEVD_DISABLE_FILE_VALIDATION": "1",
            },
            start_new_session=True,
        )

    def __enter__(self) -> "WarmKernels":
        if self._process and self._process.stdout and self._process.stdout.readline():
            os.environ[ADDRESS] = self._address
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every kernel at once."""
        if self._process and self._process.stdin and self._process.stdout:
            os.environ.pop(ADDRESS, None)
            self._process.stdin.close()
            try:
                self._process.wait(END)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._process.stdout.close()
        shutil.rmtree(self._folder, ignore_errors=True)


class ForkedKernel:
    """A kernel's process as `LocalProvisioner` wants it: like a `Popen`, though it is no child of ours."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return 0
        return None

    def wait(self) -> int:
        return 0

    def send_signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)


class ForkProvisioner(LocalProvisioner):
    """Has a kernel forked where a `LocalProvisioner` would start one."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        with socket.socket(socket.AF_UNIX) as caller:
            caller.connect(os.environ[ADDRESS])
            request = {
                "argv": cmd[cmd.index("-f") - 1 :],
                "env": kwargs.get("env", dict(os.environ)),
                "cwd": str(kwargs.get("cwd") or os.getcwd()),
            }
            caller.sendall(json.dumps(request).encode() + b"\n")
            self.pid = self.pgid = int(caller.makefile().readline())
        self.process = ForkedKernel(self.pid)  # type: ignore[assignment]
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        if not (
            signum == signal.SIGINT and getattr(self.parent, "shutting_down", False)
        ):  # it would only complain before it is killed
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        await super().kill(restart)
        while await self.poll() is None:
            await asyncio.sleep(POLL)


class ForkedKernelClient(AsyncKernelClient):
    """Goes on as soon as the kernel has answered, where the usual client then listens a fifth of a second longer."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        end = time.monotonic() + (timeout or inf)
        while time.monotonic() < end:
            self.kernel_info()
            try:
                reply = await self.get_shell_msg(timeout=1)
                await self.get_iopub_msg(timeout=SUBSCRIBED)
            except Empty:
                if not await self.is_alive():
                    raise RuntimeError("Kernel died before replying to kernel_info") from None
            else:
                self._handle_kernel_info_reply(reply)
                return
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")


class ForkedKernelManager(AsyncKernelManager):
    """Starts its kernel through `ForkProvisioner`, and talks to it through sockets in a private folder."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.transport = "ipc"  # free ports would have to be guessed, and two workers may guess the same
        self.ip = str(Path(os.environ[ADDRESS]).with_name(os.urandom(4).hex()))
        self.provisioner = ForkProvisioner(kernel_spec=self.kernel_spec, parent=self)
        self.client_factory = ForkedKernelClient


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """papermill's own engine with another way to start kernels."""

    @classmethod
    def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
        warm = {"kernel_manager_class": ForkedKernelManager} if ADDRESS in os.environ else {}
        return super().execute_managed_notebook(
            nb_man, kernel_name, shutdown_kernel="immediate", ipython_hist_file=":memory:", **warm, **options
        )


papermill_engines.register("warm", WarmEngine)
