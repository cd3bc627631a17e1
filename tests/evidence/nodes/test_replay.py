"""The replay matrix: what of it is about sessions."""

from __future__ import annotations

from itertools import product

from sessiondoctor.evidence.nodes.replay import Cell, CellState, NodeVisit, Replay

NODES = ("app1", "app2", "app3", "app4")


def replay(states: dict[tuple[str, str], CellState], *silent: NodeVisit, nodes: tuple[str, ...] = NODES) -> Replay:
    """A matrix in which everything is kept but these cells."""
    answers = tuple(NodeVisit(node, 200) for node in nodes if node not in {visit.node for visit in silent})
    cells = tuple(Cell(made, read, states.get((made, read), "kept")) for made, read in product(nodes, nodes))
    return Replay(nodes, (*answers, *silent), cells, flow=True)


def around(node: str, state: CellState, nodes: tuple[str, ...] = NODES) -> dict[tuple[str, str], CellState]:
    """Row and column of one node."""
    return {pair: state for pair in product(nodes, nodes) if node in pair}


def test_the_diagonal_and_the_rest() -> None:
    """Read at home, read elsewhere."""
    found = replay({})
    assert {(cell.created_on, cell.read_on) for cell in found.own} == {(node, node) for node in NODES}
    assert len(found.own) + len(found.other) == 16


def test_a_node_that_does_not_answer_says_nothing_about_sessions() -> None:
    """Refused or silent: no session is lost there, and it is not the odd one out."""
    for visit in (NodeVisit("app2", refused=True), NodeVisit("app2", trouble="no answer within 10 s")):
        found = replay(around("app2", "error"), visit)
        assert {cell.state for cell in (*found.own, *found.other)} == {"kept"}
        assert found.outlier == ""
        assert found.matrix()["rows"][1] == ["error"] * 4  # the picture still shows it


def test_the_odd_one_out() -> None:
    """Its row and its column are lost, the rest agree."""
    assert replay(around("app3", "lost")).outlier == "app3"
    assert replay(around("app3", "lost") | {("app1", "app2"): "lost"}).outlier == ""
    assert replay({}).outlier == ""


def test_of_two_nodes_neither_is_the_odd_one() -> None:
    """Also where a third does not answer."""
    two = ("app1", "app2")
    assert replay({("app1", "app2"): "lost"}, nodes=two).outlier == ""
    three = (*two, "app3")
    states = around("app3", "error", three) | around("app2", "lost", two)
    assert replay(states, NodeVisit("app3", refused=True), nodes=three).outlier == ""
