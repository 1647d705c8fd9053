# SPDX-License-Identifier: MIT
"""From nothing to nothing: what it takes to start `true` in a container, and to be rid of it."""

import shutil

import counts
import report
import servers
from setting import BWRAP, IDENTITY, ratio, spread

REFERENCE = "bwrap"
SERVICES = {"strict, D-Bus": ["dbus"], "strict, Wayland": ["wayland"], "strict, X11": ["x11"],
            "strict, pulse": ["pulse"], "strict, Wayland X11 pulse": ["wayland", "x11", "pulse"]}
PROXY = "xdg-dbus-proxy alone"
NAMESPACES = ["user", "ipc", "pid", "uts", "cgroup", "network", "mount"]
QUIET = ["nosuid", "noexec", "nodev"]


def _crun(setting):
    """An OCI bundle with the mounts of bwrap's command."""
    person = setting.person
    bundle = person.work_dir / "bundle"
    root = bundle / "rootfs"
    for name in ("usr", "proc", "dev", "tmp"):
        (root / name).mkdir(parents=True)
    for name in ("bin", "lib", "lib64"):
        (root / name).symlink_to(f"usr/{name}")
    for path in (bundle, root, *root.iterdir()):
        if not path.is_symlink():
            person.give(path)

    def mount(dst, kind, options, source=None):
        return {"destination": dst, "type": kind, "source": source or kind, "options": options}

    def mapping(inside):
        return [{"containerID": 0, "hostID": inside, "size": 1}]

    person.write("bundle/config.json", {
        "ociVersion": "1.0.0", "hostname": "bench", "root": {"path": "rootfs", "readonly": True},
        "process": {"user": {"uid": 0, "gid": 0}, "args": ["/usr/bin/true"], "cwd": "/",
                    "env": ["PATH=/usr/bin"], "noNewPrivileges": True},
        "mounts": [
            mount("/usr", "bind", ["rbind", "ro"], "/usr"),
            mount("/proc", "proc", QUIET),
            mount("/dev", "tmpfs", ["nosuid", "mode=755"]),
            mount("/dev/pts", "devpts", ["nosuid", "noexec", "newinstance", "ptmxmode=0666"]),
            mount("/dev/mqueue", "mqueue", QUIET),
            mount("/tmp", "tmpfs", ["nosuid", "nodev"])],
        "linux": {"namespaces": [{"type": kind} for kind in NAMESPACES],
                  "uidMappings": mapping(person.uid), "gidMappings": mapping(person.gid)}})
    return ["crun", "--root", str(person.runtime_dir / "crun"), "--cgroup-manager=disabled", "run",
            "--bundle", str(bundle), "hakurei-bench"]


def _commands(setting):
    """{name: command}"""
    strict = setting.config("strict")
    run = [setting.hakurei, "run", "--backend"]
    commands = {
        REFERENCE: [*BWRAP, "true"],
        "floor": [setting.program("floor")],
        "strict, hsu": setting.app(strict, "hsu"),
        "strict, subuid": setting.app(strict, "subuid"),
        "run, hsu": [*run, "hsu", "-a", str(IDENTITY), "true"],
        "run, subuid": [*run, "subuid", "-a", str(IDENTITY), "true"],
    }
    for name, services in SERVICES.items():
        config = setting.config("-".join(services), id="org.example.Bench",
                                enablements=dict.fromkeys(services, True))
        commands[name] = setting.app(config)
    return {
        **commands,
        "crun": _crun(setting),
        "firejail": ["firejail", "--quiet", "--noprofile", "--net=none", "--ipc-namespace",
                     "--private-dev", "--private-tmp", "true"],
        "unshare": ["unshare", "--user", "--map-root-user", "--ipc", "--pid", "--uts", "--cgroup",
                    "--net", "--mount", "--mount-proc", "--fork", "true"],
        "user namespace": [setting.program("idmap")],
        PROXY: [setting.program("proxy")],
        "with newuidmap": [setting.program("idmap"), str(setting.targets["subuid"])],
    }


def _why_not(setting, name, command, missing):
    for service in SERVICES.get(name, ["dbus"] if name == PROXY else []):
        if missing[service]:
            return missing[service]
    if not shutil.which(command[0]):
        return "not installed"
    return setting.person.why_not(command)


def _summary(run, reference):
    summary = {column: spread(values) for column, values in run.items()}
    summary["ratio"] = ratio(run["wall"], reference["wall"])
    if min(run["cpu"] + reference["cpu"]) >= 0:
        summary["cpu_ratio"] = ratio(run["cpu"], reference["cpu"])
    else:
        del summary["cpu"]
    return summary


def measure(setting, compositor):
    commands = _commands(setting)
    result = {}
    with servers.desktop(setting.person, compositor) as missing:
        for name, command in commands.items():
            why = _why_not(setting, name, command, missing)
            result[name] = {"not": why} if why else {}
        able = [name for name in commands if not result[name]]
        runs = dict(zip(able, setting.measure([commands[name] for name in able]), strict=True))
        for name in able:
            result[name] = _summary(runs[name], runs[REFERENCE])
            result[name].update(counts.count(
                setting, commands[name], 1 + ("dbus" in SERVICES.get(name, []))))
    return result


def _number(values, key, form, scale=1):
    value = values.get(key)
    if isinstance(value, dict):
        value = value["median"]
    return "-" if value is None else form.format(value / scale)


def show(result):
    lines = [["", "wall ms", "a tenth below, above", "x bwrap", "cpu ms", "x bwrap", "switches",
              "faults", "calls", "execs"]]
    for name, values in result.items():
        if "not" in values:
            lines.append([name, f"cannot run: {values['not']}"])
            continue
        wall = values["wall"]
        lines.append([
            name, _number(values, "wall", "{:.2f}", 1e3),
            f"{wall['low'] / 1e3:.2f} {wall['high'] / 1e3:.2f}",
            _number(values, "ratio", "{:.2f}"), _number(values, "cpu", "{:.2f}", 1e3),
            _number(values, "cpu_ratio", "{:.2f}"), _number(values, "switches", "{:.0f}"),
            _number(values, "faults", "{:.0f}"), _number(values, "calls", "{:.0f}"),
            _number(values, "execs", "{:.0f}")])
    yield from report.table(lines)
    yield "cpu: of all processes. switches, faults: of those that were waited for. calls of"
    yield "hakurei: of the monitor alone, for init refuses to run traced; execs: of all."
    proxied = [result[name] for name in ("strict, D-Bus", "strict, hsu", PROXY)]
    if all("wall" in values for values in proxied):
        whole, strict, alone = (values["ratio"] for values in proxied)
        yield (f"D-Bus: {whole - strict:.2f} of bwrap beyond a strict start, of which its proxy "
               f"takes {alone:.2f} when it is started and ended alone")
    own = [result[name] for name in ("user namespace", "with newuidmap", "strict, subuid")]
    if all("wall" in values for values in own):
        alone, mapped, strict = (values["wall"]["median"] for values in own)
        yield (f"newuidmap and newgidmap themselves: {(mapped - alone) / 1e3:.2f} ms, "
               f"{(mapped - alone) / strict:.0%} of a strict start through subuid")
