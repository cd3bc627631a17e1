"""Real servers of every shape: clusters, half of them, users with few rights."""

from __future__ import annotations

import asyncio
import secrets
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

import redis.cluster

from sessiondoctor import stores
from sessiondoctor.probes.contract import Context
from sessiondoctor.probes.redis_server import look
from sessiondoctor.redact import Vault
from sessiondoctor.stores.contract import Source
from sessiondoctor.stores.redis import census, reach, shelves
from sessiondoctor.stores.redis.client import connect
from sessiondoctor.stores.redis.fleet import open_all, slot_of
from sessiondoctor.stores.search import Search
from sessiondoctor.topology.model import Store
from sessiondoctor.topology.scalars import Secret
from tests.lab.servers.redis import Redis, client
from tests.lab.servers.redis_cluster import start_cluster, wait_for
from tests.lab.workspace import Workspace
from tests.probes.peers import context, topology
