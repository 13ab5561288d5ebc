"""The unit tests of the models: they need every relation, and no row."""

from pathlib import Path

import project


def test_every_unit_test_of_a_model_passes(database: Path) -> None:
    project.run_models(database, event_study=True)
    result = project.run_tests(database, "test_type:unit")
    found = {item.node.name: item.message for item in result.result if item.node.resource_type == "unit_test"}
    assert found and result.success, found
