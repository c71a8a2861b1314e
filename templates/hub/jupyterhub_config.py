"""JupyterHub for a course on one machine: each person a Unix account, each server that account's own process.

Make the accounts first (accounts.py). What can be set is read from the environment:

    CXHUB_COURSE     the folder of everybody's work         /srv/course
    CXHUB_MATERIAL   the folder with notebooks and datasets the one that this file lies in, two up
    CXHUB_PORT       the port that people open; the hub uses the next one and the 81st as well      8000
    CXHUB_MEMORY     bytes a process may ask for            4 GiB
    CXHUB_PROCESSES  processes and threads a person         400
    CXHUB_FILE       bytes a file                           200 MB
    CXHUB_IDLE       seconds after which an idle server is stopped      3600
    CXHUB_AT_ONCE    servers that may start at the same moment          20
    CXASSESS_LANG    the language of lessons, form and JupyterLab       en
"""

import grp
import os
import pwd
import shlex
import sys
from importlib.util import find_spec
from pathlib import Path

from cxassess.language import current_language, lessons_folder

c = get_config()  # noqa: F821

HERE = Path(__file__).resolve().parent
COURSE = Path(os.environ.get("CXHUB_COURSE", "/srv/course"))
PORT = int(os.environ.get("CXHUB_PORT", "8000"))
IDLE = int(os.environ.get("CXHUB_IDLE", "3600"))
LANGUAGE = current_language()
WORDS = HERE.parent / "lab" / LANGUAGE
MEMORY = int(os.environ.get("CXHUB_MEMORY", "0")) or 4 * 2**30


def with_groups(_authenticator, _handler, authentication):
    """The person's groups of this machine, as far as they are the course's, become the hub's."""
    account = pwd.getpwnam(authentication["name"])
    names = {grp.getgrgid(one).gr_name for one in os.getgrouplist(account.pw_name, account.pw_gid)}
    return {**authentication, "groups": sorted(names & {"cx-learners", "cx-trainers"})}


# Who comes in: accounts of this machine that are on the roster, by their password. For single sign-on, see README.md.
c.JupyterHub.authenticator_class = "pam"
c.PAMAuthenticator.allowed_groups = {"cx-learners", "cx-trainers"}
c.PAMAuthenticator.open_sessions = False

# Trainers see who is there and stop servers; nobody has the right to enter another's.
c.PAMAuthenticator.manage_groups = True
c.PAMAuthenticator.post_auth_hook = with_groups
c.JupyterHub.load_roles = [
    {
        "name": "trainer",
        "scopes": ["admin-ui", "list:users", "read:users:activity", "read:servers", "delete:servers"],
        "groups": ["cx-trainers"],
    },
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    },
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE}"],
    }
]

# What each person gets: a process of their own account. systemd, where it runs, also bounds memory and CPU as a whole.
if find_spec("systemdspawner") and Path("/run/systemd/system").is_dir():
    c.JupyterHub.spawner_class = "systemdspawner.SystemdSpawner"
    c.SystemdSpawner.isolate_tmp = True
    c.SystemdSpawner.isolate_devices = True
    c.SystemdSpawner.disable_user_sudo = True
    c.SystemdSpawner.dynamic_users = False
    c.SystemdSpawner.mem_limit = MEMORY
    c.SystemdSpawner.cpu_limit = 2.0
else:
    c.JupyterHub.spawner_class = "localprocess"
c.Spawner.cmd = [sys.executable, str(HERE / "start.py")]
c.Spawner.args = [
    "--ServerApp.terminals_enabled=False",
    "--KernelManager.transport=ipc",  # kernels listen in the person's home, not on ports that all accounts share
    "--MappingKernelManager.cull_idle_timeout=1800",
    "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    "--LabApp.news_url=None",
    *([f"--LabApp.app_settings_dir={WORDS}"] if WORDS.is_dir() else []),
]
c.Spawner.environment = {
    "CXHUB_COURSE": str(COURSE),
    "CXHUB_MATERIAL": os.environ.get("CXHUB_MATERIAL", str(HERE.parents[1])),
    "CXHUB_WORK": lambda spawner: str(COURSE / "work" / spawner.user.name),
    "CXHUB_MEMORY": str(MEMORY),
    "CXHUB_PROCESSES": os.environ.get("CXHUB_PROCESSES", "400"),
    "CXHUB_FILE": os.environ.get("CXHUB_FILE", str(200 * 10**6)),
    "OMP_NUM_THREADS": "1",  # many people share the cores, and each thread takes address space
    "OPENBLAS_NUM_THREADS": "1",
}
c.Spawner.env_keep = ["PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "CXASSESS_LANG", "CXASSESS_MODEL"]
c.Spawner.notebook_dir = str(COURSE / "work" / "{username}")
c.Spawner.default_url = f"/lab/tree/{lessons_folder(LANGUAGE)}/01-start-here.ipynb"
c.Spawner.disable_user_config = True
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.JupyterHub.concurrent_spawn_limit = int(os.environ.get("CXHUB_AT_ONCE", "20"))

# Where it listens, and where it keeps its own state: in a folder that only root can read.
c.JupyterHub.bind_url = f"http://:{PORT}"
c.JupyterHub.hub_port = PORT + 81
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PORT + 1}"
c.ConfigurableHTTPProxy.pid_file = str(COURSE / "hub" / "proxy.pid")
own_proxy = os.environ.get("CXHUB_PROXY")
beside_python = str(Path(sys.executable).parent / "configurable-http-proxy")
c.ConfigurableHTTPProxy.command = shlex.split(own_proxy) if own_proxy else [beside_python]
c.JupyterHub.db_url = f"sqlite:///{COURSE / 'hub' / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(COURSE / "hub" / "cookie_secret")
