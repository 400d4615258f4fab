#!/usr/bin/env python3
"""Set Replate up in `.venv` beside this file, and run it.

    python3 install.py            set up only
    python3 install.py demo       set up, then replate the bundled sample shot
    python3 install.py test       set up with what the tests need, then pass the whole suite
    python3 install.py hosts      which of Nuke, Blender and DaVinci Resolve are here; --install, --update, --remove

Standard library only, no admin rights, no git; nothing but the package registry is reached. A second run is quick.
Written so that an old Python can still read it and say that it is too old.
"""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
VENV = HERE / ".venv"
STAMP = VENV / "replate-installed.txt"
OLDEST, NEWEST = (3, 11), (3, 13)
NEEDED_GB = {"run": 2, "test": 6}
UNREACHABLE = ("NewConnectionError", "Name or service", "Temporary failure", "ConnectTimeout", "(from versions: none)")
BLENDER = HERE / ".venv-bpy"
BLENDER_PYTHON, BLENDER_HOLDS = "python3.11", ["bpy==5.0.1", "numpy==1.26.4"]
EXTRAS = {"run": ["panel"], "test": ["training", "export", "panel", "dev"]}


class Trouble(Exception):  # noqa: N818
    """One sentence for the user."""


def main(arguments):
    """Run the verb that was asked for; the exit code."""
    verbs = {"setup": setup, "demo": demo, "test": test, "hosts": hosts}
    name = arguments[0] if arguments else "setup"
    if name not in verbs:
        print(__doc__.strip())
        return 0 if name in ("-h", "--help", "help") else 2
    try:
        use_a_good_python()
        return verbs[name](arguments[1:])
    except Trouble as trouble:
        print(f"install.py: {trouble}", file=sys.stderr)
        return 1


def setup(_):
    """Set up only."""
    prepare("run")
    print(f"Replate is ready: {tool('replate')}")
    return 0


def demo(arguments):
    """Set up, then run the demo; `arguments` go to it."""
    prepare("run")
    return subprocess.call([tool("replate"), "demo", *arguments], cwd=str(HERE))


def test(arguments):
    """Set up what the tests need, then lint, types and tests; with `arguments`, pytest alone takes them."""
    prepare("test")
    prepare_blender()
    steps = [[tool("ruff"), "check", "."], [tool("ruff"), "format", "--check", "."], [tool("mypy")]]
    steps = [] if arguments else steps
    pytest = [tool("python"), "-m", "pytest", *(arguments or ["-n", "2"])]
    for step in [*steps, pytest]:
        print("$ " + " ".join([Path(step[0]).name, *step[1:]]), flush=True)
        code = subprocess.call(step, cwd=str(HERE))
        if code:
            return code
    return 0


def hosts(arguments):
    """Put the plug-ins into hosts, or take them out; what is set up already is taken as it is, without network."""
    if not Path(tool("python")).exists():
        prepare("run")
    return subprocess.call([tool("python"), "-m", "replate_plugin.installing", *arguments], cwd=str(HERE))


def use_a_good_python():
    """Go on under a Python that Replate runs on, if this one is not; a .venv that exists settles the matter."""
    if OLDEST <= sys.version_info[:2] <= NEWEST or Path(tool("python")).exists():
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and runs(other):
            os.execv(other, [other, str(Path(__file__).resolve()), *sys.argv[1:]])
    raise Trouble(
        f"this is Python {dotted(sys.version_info[:2])}, Replate needs {dotted(OLDEST)} to {dotted(NEWEST)}; "
        "install one of them and run this again with it"
    )


def runs(program):
    """Whether it is more than a version manager's empty promise."""
    return subprocess.call([program, "-c", ""], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) == 0


def dotted(version):
    """(3, 11) as 3.11."""
    return ".".join(map(str, version))


def prepare(purpose):
    """Make .venv hold what `purpose` needs; does nothing when it already does."""
    runtime = "gpu" if has_nvidia_gpu() else "cpu"
    wanted = sorted(set(EXTRAS[purpose] + installed_extras() + [runtime]) - {"cpu" if runtime == "gpu" else "gpu"})
    extras = ",".join(wanted)
    state = f"{extras} {digest()}"
    if STAMP.exists() and STAMP.read_text() == state:
        return
    check_disk(NEEDED_GB[purpose])
    make_venv()
    print(f"Installing Replate ({extras}) into {VENV} ...", flush=True)
    # The two runtimes share one folder; the other one must be gone first.
    pip(["uninstall", "-y", "onnxruntime" if runtime == "gpu" else "onnxruntime-gpu"])
    pip(["install", "-c", "constraints.txt", "-e", f".[{extras}]"])
    STAMP.write_text(state)


def prepare_blender():
    """Blender as a module in an environment of its own, because it takes one Python only and an old numpy."""
    stamp, state = BLENDER / STAMP.name, " ".join(BLENDER_HOLDS)
    if stamp.exists() and stamp.read_text() == state:
        return
    python = shutil.which(BLENDER_PYTHON)
    if python is None or not runs(python):
        print(f"There is no {BLENDER_PYTHON}: tests inside Blender will be skipped", flush=True)
        return
    check_disk(1.5)
    make_venv(BLENDER, python)
    print(f"Installing Blender into {BLENDER} ...", flush=True)
    pip(["install", *BLENDER_HOLDS], BLENDER)
    stamp.write_text(state)


def installed_extras():
    """Extras of an earlier run, so that `demo` after `test` does not install anew."""
    words = STAMP.read_text().split() if STAMP.exists() else []
    return words[0].split(",") if words else []


def digest():
    """Changes when what must be installed changes."""
    files = [HERE / "pyproject.toml", HERE / "constraints.txt"]
    return hashlib.sha256(b"".join(path.read_bytes() for path in files)).hexdigest()[:16]


def has_nvidia_gpu():
    """Whether an NVIDIA driver answers with at least one GPU."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return False
    answer = subprocess.run([program, "-L"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    return answer.returncode == 0 and b"GPU" in answer.stdout


def check_disk(gigabytes):
    """Say so before an installation breaks off half-way."""
    free = shutil.disk_usage(str(HERE)).free / 1e9
    if free < gigabytes:
        raise Trouble(f"{free:.1f} GB are free on the disk of {HERE}, {gigabytes} GB are needed; free some")


def make_venv(venv=VENV, python=sys.executable):
    """A virtual environment in `venv`, unless one is there."""
    if Path(tool("python", venv)).exists():
        return
    command = [python, "-m", "venv", str(venv)]
    answer = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if answer.returncode:
        shutil.rmtree(str(venv), ignore_errors=True)
        reason = last_line(answer.stdout.decode(errors="replace"))
        raise Trouble(
            f"{python} cannot make a virtual environment ({reason}); "
            "on Debian and Ubuntu install python3-venv, then run this again"
        )


def pip(arguments, venv=VENV):
    """Run pip in `venv`, showing what it fetches; a failure becomes a sentence."""
    command = [tool("python", venv), "-m", "pip", "--disable-pip-version-check", *arguments]
    process = subprocess.Popen(command, cwd=str(HERE), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    lines = []
    for raw in process.stdout:
        line = raw.decode(errors="replace").strip()
        lines.append(line)
        if line.startswith(("Collecting", "Downloading", "Installing")):
            print("  " + line[:110], flush=True)
    if process.wait():
        raise Trouble(explain("\n".join(lines)))


def explain(text):
    """What went wrong in pip's output, in one sentence."""
    if "No space left" in text:
        return "the disk is full; free some space and run this again"
    if any(word in text for word in UNREACHABLE):
        return "the Python package registry cannot be reached; check the network or proxy and run this again"
    return f"pip could not install what is needed: {last_line(text)}"


def last_line(text):
    """The last thing a program said that looks like a reason."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.lower().startswith("error")]
    return (errors or lines or ["it gave no reason"])[-1]


def tool(name, venv=VENV):
    """Path of a program inside `venv`."""
    if os.name == "nt":
        return str(venv / "Scripts" / (name + ".exe"))
    return str(venv / "bin" / name)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
