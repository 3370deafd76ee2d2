"""The picture of the stages shows what the rules of the paper's config need."""

import importlib.util

import pytest
from places import ROOT
from studies import snakemake

SCRIPT = ROOT / "docs" / "rule_graph.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("rule_graph", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_picture_is_current(script, workflow, tmp_path):
    config = workflow / "config" / "config.yaml"
    status, output = snakemake(workflow, tmp_path, "--rulegraph", "--configfile", config)
    assert status == 0, output[-3000:]
    graph = script.stage_graph(output, script.stages_of_rules(workflow / "rules"))
    assert {("retrieve", "cool"), ("prepare", "train"), ("train", "evaluate")} <= set(graph.edges)
    assert script.draw(graph) == script.PICTURE.read_text(), "run python docs/rule_graph.py"


def test_stages_are_joined_and_arrows_that_follow_from_others_left_out(script):
    rulegraph = """
        0[label = "all", color = "x"];  1[label = "a1"];  2[label = "a2"];  3[label = "b"];  4[label = "c"];
        1 -> 2
        2 -> 3
        3 -> 4
        1 -> 4
        4 -> 0
    """
    graph = script.stage_graph(rulegraph, {"a1": "a", "a2": "a", "b": "b", "c": "c"})
    assert set(graph.edges) == {("a", "b"), ("b", "c")}
    assert dict(graph.nodes(data="rules")) == {"a": 2, "b": 1, "c": 1}
    places, _ = script.placed(graph)
    assert [places[stage] for stage in "abc"] == [(0, 0), (1, 0), (2, 0)]
