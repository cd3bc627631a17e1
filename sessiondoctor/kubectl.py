"""`kubectl sessiondoctor APP`: finds an application's Ingress, Service and pods with the user's own kubectl, and scans.

kubectl does what it is allowed to: `get` of Ingresses, Services, pods, Deployments and StatefulSets, and `port-forward`
to the pods. No Secret and no ConfigMap is read. What was found becomes a topology file in the current folder.

Formats: `kubectl get -o json` (networking.k8s.io/v1, v1, apps/v1); kubectl's plugins are programs named `kubectl-NAME`.
"""

from __future__ import annotations

import json
import os
import re
import selectors
import subprocess
import sys
import threading
import time
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, TYPE_CHECKING, Annotated, Any

import typer

from sessiondoctor.errors import ExitCode, UsageError
from sessiondoctor.report.escape import printable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_KINDS = "ingresses,services,pods,deployments,statefulsets"
_LARGEST = 64 * 1024 * 1024
_PATIENCE_S = 30.0
_MOST_PODS = 12
_FORWARDING = re.compile(r"Forwarding from 127\.0\.0\.1:(\d{1,5}) ->")
_HOST = r"[\w.-]*"  # a wildcard is no name that can be asked
_MANIFESTS = {"Ingress", "Service", "Deployment", "StatefulSet"}
_NAMES = ("app.kubernetes.io/name", "app", "app.kubernetes.io/instance", "k8s-app")

Object = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Application:
    """What belongs to one application; `host` is empty where no Ingress names one."""

    service: str
    port: int
    pods: tuple[str, ...]
    host: str
    path: str
    https: bool
    ingress: str
    manifests: tuple[Object, ...]

    @property
    def url(self) -> str:
        """The public entry; empty without a host."""
        return f"{'https' if self.https else 'http'}://{self.host}{self.path}" if self.host else ""


def find(objects: Iterable[Object], app: str) -> Application:
    """The application of this name: of its Service, of an Ingress, or of its pods' labels.

    Raises:
        UsageError: there is none, or none of its pods is ready.
    """
    objects = [one for one in objects if isinstance(one, dict) and isinstance(one.get("metadata"), dict)]
    service = _service(objects, app)
    ingress = next((one for one in objects if _kind(one) == "Ingress" and _rules(one, _name(service))), None)
    pods = [one for one in objects if _kind(one) == "Pod" and _selects(service, one)]
    ready = [pod for pod in pods if _is_ready(pod)]
    if not ready:
        raise UsageError(f"none of the {len(pods)} pods of service {_name(service)} is ready")
    host, path = _rules(ingress, _name(service))[0] if ingress else ("", "/")
    return Application(
        service=_name(service),
        port=_target_port(service, ready[0]),
        pods=tuple(_name(pod) for pod in ready[:_MOST_PODS]),
        host=host,
        path=path,
        https=bool(ingress and host and _has_tls(ingress, host)),
        ingress=_name(ingress) if ingress else "",
        manifests=tuple(one for one in objects if _kind(one) in _MANIFESTS and _concerns(one, service, ingress, ready)),
    )


def topology_of(app: Application, url: str, ports: Mapping[str, int], manifests: str) -> dict[str, Any]:
    """The topology file's content; `ports` are those that pods are forwarded to, by their names."""
    site: dict[str, Any] = {"url": url}
    headers = {"Host": app.host, **({"X-Forwarded-Proto": "https"} if app.https else {})} if app.host else {}
    nodes = [
        {"name": pod}
        | ({"url": f"http://127.0.0.1:{ports[pod]}{app.path}", "headers": headers} if pod in ports else {})
        for pod in app.pods
    ]
    balancer = {"name": app.ingress or app.service, "kind": "k8s-ingress", "config": [manifests]}
    return {"version": 1, "site": site, "load_balancers": [balancer], "nodes": [_without_empty(node) for node in nodes]}


def _without_empty(node: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in node.items() if value}


def _kind(one: Object) -> str:
    return str(one.get("kind", ""))


def _name(one: Object) -> str:
    return printable(str(one["metadata"].get("name", "")))


def _map(value: Any) -> Object:
    """A mapping; empty for anything else."""
    return value if isinstance(value, dict) else {}


def _maps(value: Any) -> list[Object]:
    """The mappings of a list; none of anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _spec(one: Object) -> Object:
    return _map(one.get("spec"))


def _labels(one: Object) -> Object:
    return _map(one["metadata"].get("labels"))


def _service(objects: list[Object], app: str) -> Object:
    services = {_name(one): one for one in objects if _kind(one) == "Service"}
    if app in services:
        return services[app]
    for ingress in (one for one in objects if _kind(one) == "Ingress" and _name(one) == app):
        for name, service in services.items():
            if _rules(ingress, name):
                return service
    selectors_ = ((service, _map(_spec(service).get("selector"))) for service in services.values())
    found = [one for one, selector in selectors_ if app in [selector.get(label) for label in _NAMES]]
    if not found:
        known = ", ".join(sorted(services)) or "none"
        raise UsageError(f"no Service, Ingress or label of this namespace is named {app!r}; its Services: {known}")
    return found[0]


def _rules(ingress: Object, service: str) -> list[tuple[str, str]]:
    """Host and path of each rule that leads to a service and names a host that can be asked."""
    found = []
    for rule in _maps(_spec(ingress).get("rules")):
        for path in _maps(_map(rule.get("http")).get("paths")):
            backend = _map(_map(path.get("backend")).get("service")).get("name")
            host = str(rule.get("host") or "")
            if backend == service and re.fullmatch(_HOST, host):
                plain = str(path.get("path") or "/")
                found.append((host, plain if re.fullmatch(r"/[\w./-]*", plain) else "/"))
    return found


def _has_tls(ingress: Object, host: str) -> bool:
    listed = [one.get("hosts") or [host] for one in _maps(_spec(ingress).get("tls"))]
    return any(isinstance(hosts, list) and host in hosts for hosts in listed)


def _selects(service: Object, pod: Object) -> bool:
    selector, labels = _map(_spec(service).get("selector")), _labels(pod)
    return bool(selector) and all(name in labels and labels[name] == value for name, value in selector.items())


def _is_ready(pod: Object) -> bool:
    conditions = _maps(_map(pod.get("status")).get("conditions"))
    leaving = pod["metadata"].get("deletionTimestamp")
    return not leaving and any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions)


def _target_port(service: Object, pod: Object) -> int:
    """The pod's port behind the service's first; one by name is looked up in the pod's containers."""
    ports = _maps(_spec(service).get("ports")) or [{}]
    web = next((one for one in ports if str(one.get("name", "")).startswith("http")), ports[0])
    target = web.get("targetPort") or web.get("port")
    for container in _maps(_spec(pod).get("containers")):
        for port in _maps(container.get("ports")):
            if port.get("name") == target:
                target = port.get("containerPort")
    if not isinstance(target, int):
        raise UsageError(f"service {_name(service)} does not tell the port of its pods; give it by --port")
    return target


def _concerns(one: Object, service: Object, ingress: Object | None, pods: list[Object]) -> bool:
    if one in (service, ingress):
        return True
    owners = {str(owner.get("name")) for pod in pods for owner in _maps(pod["metadata"].get("ownerReferences"))}
    return any(owner == _name(one) or owner.startswith(f"{_name(one)}-") for owner in owners)


class Kubectl:
    """The user's own program, with the words that say which cluster and namespace."""

    def __init__(self, program: str, words: tuple[str, ...]) -> None:
        self._words = (program, *words)

    def objects(self) -> list[Object]:
        """What a namespace has of the kinds that matter.

        Raises:
            UsageError: kubectl is not there, fails, or answers with something else.
        """
        try:
            items = json.loads(self._got())["items"]
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            raise UsageError("kubectl get answered with something else than a list in JSON") from error
        return list(items) if isinstance(items, list) else []

    def _got(self) -> bytes:
        """What `get` prints, as long as it is not too much.

        Raises:
            UsageError: it fails, takes too long, or prints too much.
        """
        command = [*self._words, "get", _KINDS, "-o", "json"]
        with TemporaryFile() as complaints:
            try:
                process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=complaints)  # noqa: S603 - the user's
            except OSError as error:
                raise UsageError(f"{self._words[0]}: {error.strerror or 'cannot be started'}") from error
            with process, _ended_after(process, _PATIENCE_S) as late:
                assert process.stdout
                printed = process.stdout.read(_LARGEST + 1)
                if len(printed) > _LARGEST:
                    process.kill()
            complaints.seek(0)
            said = complaints.read(500).decode(errors="replace").strip()
        if late.is_set():
            raise UsageError(f"kubectl get does not answer within {_PATIENCE_S:g} s")
        if process.returncode or len(printed) > _LARGEST:
            raise UsageError(f"kubectl get failed: {said or f'it prints more than {_LARGEST >> 20} MiB'}")
        return printed

    @contextmanager
    def forwarded(self, pod: str, port: int) -> Iterator[int]:
        """A port of this machine that leads to a pod's, as long as it is needed.

        Raises:
            UsageError: kubectl does not forward; says what it said.
        """
        command = [*self._words, "port-forward", "--address", "127.0.0.1", f"pod/{pod}", f":{port}"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:  # noqa: S603
            try:
                assert process.stdout
                yield _port_in(process.stdout, pod)
            finally:
                process.terminate()


@contextmanager
def _ended_after(process: subprocess.Popen[bytes], seconds: float) -> Iterator[threading.Event]:
    """Kills a process that takes longer, and says so."""
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    timer = threading.Timer(seconds, end)
    timer.start()
    try:
        yield late
    finally:
        timer.cancel()


def _port_in(output: IO[bytes], pod: str) -> int:
    """The port that kubectl says it listens on."""
    said, end = "", time.monotonic() + _PATIENCE_S
    with selectors.DefaultSelector() as ready:
        ready.register(output, selectors.EVENT_READ)
        while time.monotonic() < end:
            if not ready.select(0.2):
                continue
            chunk = os.read(output.fileno(), 4096)
            said += chunk.decode(errors="replace")
            if found := _FORWARDING.search(said):
                return int(found[1])
            if not chunk:
                break
    raise UsageError(f"kubectl port-forward pod/{pod}: {said.strip()[:300] or 'says nothing'}")


def main() -> None:
    """The program `kubectl-sessiondoctor`."""
    try:
        typer.run(run)
    except UsageError as error:
        sys.stderr.write(f"sessiondoctor: {printable(str(error))}\n")
        sys.exit(ExitCode.USAGE)


def run(
    app: Annotated[str, typer.Argument(metavar="APP", help="A Service, an Ingress, or the name in the pods' labels.")],
    scan_options: Annotated[
        list[str] | None, typer.Argument(metavar="[-- SCAN OPTIONS]", help="Options for `sessiondoctor scan`.")
    ] = None,
    namespace: Annotated[str, typer.Option("--namespace", "-n", help="The namespace; else kubectl's own.")] = "",
    context: Annotated[str, typer.Option("--context", help="The context; else kubectl's own.")] = "",
    url: Annotated[str, typer.Option("--url", help="The public URL, where no Ingress names a host.")] = "",
    port: Annotated[int, typer.Option("--port", help="The pods' port, where the Service does not tell it.")] = 0,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="The topology file.")] = None,
    *,
    dry: Annotated[bool, typer.Option("--dry-run", help="Write the topology; forward and scan nothing.")] = False,
) -> None:
    """Find an application's Ingress, Service and pods by kubectl, forward ports to the pods, and scan."""
    where = (*(("--namespace", namespace) if namespace else ()), *(("--context", context) if context else ()))
    program = Kubectl("kubectl", where)
    found = find(program.objects(), app)
    entry = url or found.url
    if not entry:
        raise UsageError(f"no Ingress with a host leads to service {found.service}; give the public URL by --url")
    file = output or Path(f"sessiondoctor-{re.sub('[^a-z0-9-]', '-', app.lower())}.yaml")
    manifests = file.with_suffix(".manifests.json")
    _write(manifests, json.dumps({"apiVersion": "v1", "kind": "List", "items": found.manifests}, indent=1))
    with ExitStack() as stack:
        pods = () if dry else found.pods
        ports = {pod: stack.enter_context(program.forwarded(pod, port or found.port)) for pod in pods}
        _write(file, _yaml(topology_of(found, entry, ports, manifests.name)))
        sys.stderr.write(f"# {file}: {entry}, {len(found.pods)} pods of service {found.service}\n")
        code = 0 if dry else _scan(file, scan_options or [])
    raise typer.Exit(code)


def _scan(file: Path, words: list[str]) -> int:
    command = [sys.executable, "-m", "sessiondoctor", "scan", str(file), *words]
    return subprocess.run(command, check=False).returncode  # noqa: S603 - this program


def _yaml(topology: dict[str, Any]) -> str:
    import yaml

    text: str = yaml.safe_dump(topology, sort_keys=False, allow_unicode=True)
    return text


def _write(file: Path, text: str) -> None:
    from sessiondoctor.cli.documents.files import replace

    replace(file, text.encode("utf-8", "replace"), "topology")
