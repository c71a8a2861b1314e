"""A JupyterHub by the recipe, with real Unix accounts, and people who are logged in.

It runs in a mount namespace with copies of /etc and /home of its own: no account is made on this machine.
"""

import csv
import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import requests
import websocket  # comes with jupyter_server

from tests.browser.conftest import ROOT

HUB = ROOT / "templates" / "hub"
PEOPLE = {
    "cxt-anna": ("learner", "support"),
    "cxt-bob": ("learner", "support"),
    "cxt-chie": ("learner", "sales"),
    "cxt-dan": ("learner", ""),
    "cxt-tora": ("trainer", ""),
}
PORTS = (0, 1, 81)
"""What the configuration listens on, beside its port."""


def why_not() -> str:
    """Why the hub cannot be run here; empty where it can."""
    if os.name != "posix" or os.geteuid() != 0:
        return "it makes Unix accounts, which takes root"
    missing = [
        name for name in ("useradd", "chpasswd", "unshare", "nsenter", "mount") if not shutil.which(name)
    ]
    if missing:
        return f"there is no {missing[0]} here"
    if subprocess.run(
        ["unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True
    ).returncode:
        return "a mount namespace of its own is not allowed here"
    return ""


@dataclass
class Person:
    """Somebody logged in, with their server."""

    hub: "Hub"
    name: str
    session: requests.Session = field(default_factory=requests.Session)
    token: str = ""
    line: Any = None

    def log_in(self, password: str) -> int:
        """Sends the login page's form; the status of what comes back."""
        page = self.session.get(f"{self.hub.address}/hub/login")
        data = {
            "username": self.name,
            "password": password,
            "_xsrf": self.session.cookies.get("_xsrf", path="/hub/"),
        }
        assert page.ok
        answer = self.session.post(f"{self.hub.address}/hub/login", data=data, allow_redirects=False)
        return answer.status_code

    def start(self) -> None:
        """Gets a token as a person's program would, and starts the person's server."""
        page = self.session.get(f"{self.hub.address}/hub/token")
        xsrf = {"X-XSRFToken": self.session.cookies.get("_xsrf", path="/hub/")}
        address = f"{self.hub.address}/hub/api/users/{self.name}/tokens"
        made = self.session.post(address, headers={**xsrf, "Referer": page.url}, json={})
        assert made.ok, made.text
        self.token = made.json()["token"]
        assert self.api("POST", f"/hub/api/users/{self.name}/server").status_code in {201, 202}
        for _ in range(600):
            if self.api("GET", f"/hub/api/users/{self.name}").json().get("server"):
                return
            time.sleep(0.1)
        raise AssertionError(f"no server for {self.name}:\n{self.hub.log()}")

    def api(self, method: str, path: str, **more: Any) -> requests.Response:
        headers = {"Authorization": f"token {self.token}"}
        return requests.request(method, f"{self.hub.address}{path}", headers=headers, timeout=60, **more)

    def mine(self, method: str, path: str, **more: Any) -> requests.Response:
        return self.api(method, f"/user/{self.name}/api/{path}", **more)

    def run(self, code: str) -> str:
        """Runs code in the one kernel of the person's own server; what it printed, or the error's name and text."""
        if self.line is None:
            kernel = self.mine("POST", "kernels", json={}).json()["id"]
            address = (
                f"{self.hub.address.replace('http', 'ws')}/user/{self.name}/api/kernels/{kernel}/channels"
            )
            header = [f"Authorization: token {self.token}"]
            self.line = websocket.create_connection(address, header=header, timeout=60)
        id = uuid.uuid4().hex
        content = {
            "code": code,
            "silent": False,
            "store_history": False,
            "allow_stdin": False,
            "stop_on_error": True,
        }
        header = {
            "msg_id": id,
            "msg_type": "execute_request",
            "session": id,
            "username": "",
            "version": "5.3",
        }
        self.line.send(
            json.dumps(
                {
                    "header": header,
                    "parent_header": {},
                    "metadata": {},
                    "content": content,
                    "channel": "shell",
                }
            )
        )
        printed = ""
        while True:
            message = json.loads(self.line.recv())
            if message["parent_header"].get("msg_id") != id:
                continue
            content, kind = message["content"], message["header"]["msg_type"]
            if kind == "stream":
                printed += content["text"]
            elif kind == "error":
                printed += f"{content['ename']}: {content['evalue']}"
            elif kind == "status" and content["execution_state"] == "idle":
                break
        return printed.strip()


@dataclass
class Hub:
    """A running hub: its address, its process, and the course's folder as it is seen from outside."""

    address: str
    process: subprocess.Popen[bytes]
    course: Path
    stage: Path

    def inside(self, *command: str) -> str:
        """Runs a command as root where the hub runs."""
        run = ["nsenter", "-t", str(self.process.pid), "-m", *command]
        return subprocess.run(run, check=True, capture_output=True, text=True).stdout

    def passwords(self) -> dict[str, str]:
        return dict(csv.reader((self.course / "passwords.csv").open(encoding="utf-8")))

    def log(self) -> str:
        return (self.stage / "log").read_text("utf-8", "replace")[-4000:]


@contextmanager
def running_hub(**settings: str) -> Iterator[Hub]:
    """The recipe, followed: accounts from a roster, then the hub by its configuration."""
    stage = Path(tempfile.mkdtemp(prefix="cxhub-"))
    stage.chmod(0o755)
    lines = [f"{name},{role},{team}" for name, (role, team) in PEOPLE.items()]
    (stage / "people.csv").write_text("\n".join(["name,role,team", *lines]) + "\n", "utf-8")
    (stage / "run.sh").write_text(_script(stage), "utf-8")
    port = _free_ports()
    env = {
        key: value
        for key, value in os.environ.items()
        if not key.startswith(("CXHUB_", "CXASSESS_", "JUPYTER"))
    }
    env |= {"CXHUB_PORT": str(port), "CXHUB_COURSE": "/srv/course", "PYTHONPATH": str(ROOT), **settings}
    with (stage / "log").open("w") as log:
        process = subprocess.Popen(
            ["unshare", "--mount", "--propagation", "private", "sh", str(stage / "run.sh")],
            env=env, stdout=log, stderr=log, cwd=stage,
        )  # fmt: skip
    hub = Hub(f"http://127.0.0.1:{port}", process, Path(f"/proc/{process.pid}/root/srv/course"), stage)
    try:
        _wait(hub)
        yield hub
    finally:
        process.terminate()  # the hub stops the servers and its proxy
        process.wait(timeout=60)
        shutil.rmtree(stage, ignore_errors=True)


def _script(stage: Path) -> str:
    """What to do in the namespace before the hub: copies to make accounts in, and this Python where all may run it."""
    needed = dict.fromkeys(Path(one).resolve() for one in (sys.base_prefix, sys.prefix, ROOT))
    shut = dict.fromkeys(
        one for path in needed for one in reversed(path.parents) if not one.stat().st_mode & stat.S_IXOTH
    )
    hidden = [path for path in needed if any(one in path.parents for one in shut)]
    lines = ["set -e", f"cp -a /etc {stage}/etc", f"mount --bind {stage}/etc /etc"]
    lines += ["mount -t tmpfs -o mode=755 tmpfs /home", "mount -t tmpfs -o mode=755 tmpfs /srv"]
    for number, path in enumerate(hidden):
        lines += [f"mkdir {stage}/{number}", f"mount --bind '{path}' {stage}/{number}"]
    lines += [f"mount -t tmpfs -o mode=755 tmpfs '{one}'" for one in shut if not set(shut) & set(one.parents)]
    for number, path in enumerate(hidden):
        lines += [f"mkdir -p '{path}'", f"mount --bind {stage}/{number} '{path}'"]
    python = f"'{sys.executable}'"
    lines += [f"{python} '{HUB}/accounts.py' {stage}/people.csv"]
    return "\n".join([*lines, f"exec {python} -m jupyterhub -f '{HUB}/jupyterhub_config.py'"]) + "\n"


def _free_ports() -> int:
    """A port that is free, and those that the hub takes with it."""
    for port in range(18_100 + os.getpid() % 997, 30_000, 100):
        try:
            for more in PORTS:
                with socket.socket() as probe:
                    probe.bind(("127.0.0.1", port + more))
        except OSError:
            continue
        return port
    raise AssertionError("no free ports")


def _wait(hub: Hub) -> None:
    for _ in range(600):
        try:
            if requests.get(f"{hub.address}/hub/login", timeout=5).ok:
                return
        except requests.ConnectionError:
            pass
        if hub.process.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError(f"the hub did not start:\n{hub.log()}")
