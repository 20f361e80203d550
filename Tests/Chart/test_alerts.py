"""The alert rules, where the values ask for them."""

from pathlib import Path

RUNBOOK = Path(__file__).resolve().parents[2] / "chart/RUNBOOK.md"


def test_each_alert_links_to_its_section_of_the_runbook(chart):
    headings = {line.removeprefix("### ") for line in RUNBOOK.read_text().splitlines() if line.startswith("### ")}
    for rules in chart.of_kind("PrometheusRule"):
        # The values may add further rules.
        alerts = [
            rule
            for group in rules["spec"]["groups"]
            for rule in group["rules"]
            if rule.get("alert", "").startswith("ComponentsApi")
        ]
        assert {alert["alert"] for alert in alerts} == {name for name in headings if name.startswith("ComponentsApi")}
        for alert in alerts:
            assert alert["annotations"]["runbook_url"].endswith(f"#{alert['alert'].lower()}")
