from __future__ import annotations

import json
import re
import urllib.error
import urllib.request
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from sessiondoctor.errors import UsageError
from sessiondoctor.experiments.watch import causes
from sessiondoctor.experiments.watch.exposition import Exposition
from sessiondoctor.experiments.watch.metrics import METRICS
from sessiondoctor.model import Outcome
from tests.fakes.reports import a_diagnosis, a_report
from tests.fakes.watched import START, Site, read

ROOT = Path(__file__).parents[3]
DASHBOARD = ROOT / "contrib" / "grafana" / "sessiondoctor.json"
UNITS = ("seconds", "bytes", "ratio")
LABELS = {"version", "subject", "cause", "severity", "node", "reason", "store", "cookie"}


def eventful() -> Site:
    """A site of which every metric has something to tell."""
    site = Site()
    site.round(sessions=(), born=tuple(site.sessions), lifetimes={"sid": 60.0}, certificate_ends=START + 1e7)
    site.settled(2)
    site.builds["app1"] = "2"
    site.store = replace(site.store, evicted=4, uptime_s=-890.0, used_bytes=7, limit_bytes=9)
    first, second, *others = site.sessions
    sessions = (
        read(first, site.at, here=False),
        read(second, site.at, node="app3"),
        *(read(o, site.at) for o in others),
    )
    clocks = (replace(site.clocks[0], offset_s=60.0), site.clocks[1])
    site.round(sessions=sessions, clocks=clocks, troubles={"edge": "no answer"})
    fault = a_report(diagnosis=(a_diagnosis("clock-skew"),), verdict=Outcome.FAULT_FOUND)
    causes.compare(site.memory, fault, START)
    return site


def exposed(site: Site) -> dict[tuple[str, ...], float]:
    """As Prometheus reads it."""
    exposition = Exposition()
    exposition.update(site.memory)
    families = text_string_to_metric_families(exposition.text.decode())
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def test_everything_that_happened_is_told() -> None:
    """By name, labels and value."""
    seen = exposed(eventful())
    assert seen["sessiondoctor_sessions_lost_total", "app1", "deploy"] == 1
    assert seen["sessiondoctor_affinity_moves_total", "app2"] == 1
    assert seen["sessiondoctor_sessions_created_total", "app3"] == 2
    assert seen["sessiondoctor_deploys_total", "app1"] == 1
    assert seen["sessiondoctor_store_restarts_total", "sessions"] == 1
    assert seen["sessiondoctor_store_hits_total", "sessions"] == 5
    assert seen["sessiondoctor_store_evicted_keys_total", "sessions"] == 4
    assert seen["sessiondoctor_clock_offset_seconds", "app1"] == 60
    assert seen["sessiondoctor_clock_uncertainty_seconds", "app1"] == 0.5
    assert seen["sessiondoctor_cause_probability_ratio", "clock-skew", "high"] == 0.9
    assert seen["sessiondoctor_certificate_expiry_timestamp_seconds", "site"] == START + 1e7
    assert seen["sessiondoctor_cookie_lifetime_seconds", "sid"] == 60
    assert seen["sessiondoctor_unavailable", "edge"] == 1
    assert seen["sessiondoctor_node_up", "app2"] == 1
    told = {name for name, *_ in seen}
    assert {metric.exposed for metric in METRICS} - told == {
        "sessiondoctor_last_round_timestamp_seconds", "sessiondoctor_round_duration_seconds",
    } - told  # fmt: skip


def test_no_session_is_told() -> None:
    """Neither its id nor its marker."""
    exposition = Exposition()
    exposition.update(eventful().memory)
    assert b"very-secret" not in exposition.text
    assert not re.search(rb"sd\d", exposition.text)


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_names_follow_the_conventions(metric: object) -> None:
    """One prefix, base units at the end, `_total` for counters alone, known labels."""
    assert metric in METRICS
    one = next(each for each in METRICS if each is metric)
    assert re.fullmatch("sessiondoctor_[a-z]+(_[a-z]+)*", one.name)
    assert not one.name.endswith("_total")
    assert next((unit for unit in UNITS if one.name.endswith(f"_{unit}")), "") == one.unit
    assert set(one.labels) <= LABELS
    assert one.about.endswith(".")


def test_names_are_told_once() -> None:
    """Each."""
    assert len({metric.name for metric in METRICS}) == len(METRICS)


def named_in(text: str) -> set[str]:
    """Every metric that a text names."""
    return set(re.findall(r"sessiondoctor_[a-z_]+[a-z]", text))


def test_the_dashboard_names_metrics_that_there_are() -> None:
    """And by labels that they have; each panel asks something, of the source that the reader chooses."""
    dashboard = json.loads(DASHBOARD.read_text())
    known = {metric.exposed: set(metric.labels) for metric in METRICS}
    panels = [panel for panel in dashboard["panels"] if panel["type"] != "row"]
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in panels:
        assert panel["datasource"] == {"type": "prometheus", "uid": "${datasource}"}
        assert panel["targets"]
        for target in panel["targets"]:
            names = named_in(target["expr"])
            assert names
            assert names <= known.keys(), target["expr"]
            labels = set().union(*(known[name] for name in names))
            grouped = {word for part in re.findall(r"\bby \(([^)]*)\)", target["expr"]) for word in part.split(", ")}
            assert grouped <= labels
            assert set(re.findall(r"\{\{(\w+)\}\}", target.get("legendFormat", ""))) <= (grouped or labels)
    grids = [tuple(panel["gridPos"].values()) for panel in dashboard["panels"]]
    assert len(set(grids)) == len(grids)


def test_the_dashboard_shows_what_the_recipe_promises() -> None:
    """All that a watch is for."""
    shown = named_in(DASHBOARD.read_text())
    for name in (
        "sessiondoctor_sessions_created_total", "sessiondoctor_sessions_lost_total",
        "sessiondoctor_affinity_moves_total",
        "sessiondoctor_store_hits_total", "sessiondoctor_store_misses_total", "sessiondoctor_store_evicted_keys_total",
        "sessiondoctor_clock_offset_seconds", "sessiondoctor_clock_uncertainty_seconds", "sessiondoctor_deploys_total",
        "sessiondoctor_certificate_expiry_timestamp_seconds", "sessiondoctor_cookie_lifetime_seconds",
        "sessiondoctor_round_duration_seconds", "sessiondoctor_last_success_timestamp_seconds",
        "sessiondoctor_cause_probability_ratio", "sessiondoctor_unavailable",
    ):  # fmt: skip
        assert name in shown


def test_the_recipe_lists_every_metric() -> None:
    """And no other."""
    recipe = (ROOT / "docs" / "recipes" / "watch.md").read_text()
    files = {"sessiondoctor_watch"}
    assert named_in(recipe) - files == {metric.exposed for metric in METRICS}


def fetch(url: str) -> str:
    """A page."""
    with urllib.request.urlopen(url, timeout=5) as answer:
        return str(answer.read().decode())


def test_a_page_for_prometheus() -> None:
    """At one path alone; gone afterwards."""
    exposition, site = Exposition(), eventful()
    exposition.update(site.memory)
    with exposition.served("127.0.0.1", 0) as port:
        assert "sessiondoctor_deploys_total" in fetch(f"http://127.0.0.1:{port}/metrics")
        with pytest.raises(urllib.error.HTTPError, match="404"):
            fetch(f"http://127.0.0.1:{port}/")
        with pytest.raises(UsageError, match="cannot listen"), exposition.served("127.0.0.1", port):
            pass
    with pytest.raises(urllib.error.URLError):
        fetch(f"http://127.0.0.1:{port}/metrics")


def test_a_page_during_a_round_shows_the_round_before() -> None:
    """Not half of one."""
    exposition, site = Exposition(), eventful()
    exposition.update(site.memory)
    before = exposition.text
    site.memory.count("deploys", "app1")
    assert exposition.text == before
