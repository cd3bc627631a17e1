"""Sessions that are large: some stores take them and become slow, others do not."""

from __future__ import annotations

from tests.lab import proofs
from tests.lab.cluster import GROWING
from tests.lab.hurry import is_lost_by_growing, survives_growing
from tests.lab.scenario import Scenario
from tests.lab.scenarios.express import ExpressShop
from tests.lab.scenarios.sql_files import POSTGRESQL, DjangoOnSql
from tests.lab.servers.haproxy import HAProxy

# As in a table that somebody made by hand; MySQL's TEXT ends at 65535 bytes.
NARROW = POSTGRESQL.replace('"session_data" text', '"session_data" varchar(40000)')

SCENARIOS = (
    Scenario(
        name="limits-session-too-large",
        build=DjangoOnSql(HAProxy(), sql=NARROW, flow=GROWING),
        proofs=(proofs.state_survives, survives_growing(10_000), is_lost_by_growing(60_000)),
        cause="session-too-large",
    ),
    Scenario(
        # Nothing is lost: advice.
        name="limits-healthy-large",
        build=ExpressShop(),
        proofs=(proofs.state_survives, survives_growing(300_000, 600_000, 700_000)),
    ),
)
