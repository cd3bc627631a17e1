"""What manifests say about workloads: replicas, services, volumes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sessiondoctor.evidence.configs.fact import Fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Service(Fact):
    """A Kubernetes Service, or what plays its part.

    Attributes:
        type: ClusterIP, NodePort, LoadBalancer; `external_policy`: Cluster, Local, or empty if not said.
        selector: label=value words, sorted.
        headless: `clusterIP: None`.
    """

    name: str = ""
    type: str = ""
    external_policy: str = ""
    selector: tuple[str, ...] = ()
    headless: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Workload(Fact):
    """Processes of one kind: a Deployment, a compose service, an application server with workers.

    Attributes:
        kind: Deployment, StatefulSet, DaemonSet, compose, values, systemd, gunicorn ...
        replicas: None if the file does not say; `workers`: processes of one replica that share no memory.
        labels: label=value words of its pods, sorted.
        public: its ports are open to the outside.
    """

    name: str = ""
    kind: str = ""
    image: str = ""
    replicas: int | None = None
    workers: int | None = None
    autoscaled: bool = False
    labels: tuple[str, ...] = ()
    public: bool = False


VolumeKind = Literal["named", "host", "shared", "ephemeral", "file"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Volume(Fact):
    """A folder of a workload. `kind`: named (outlives the container), host, shared (several pods), ephemeral, file."""

    workload: str = ""
    path: str = ""
    kind: VolumeKind = "named"
