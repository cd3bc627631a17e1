"""From topology to report: plan, collect, judge, scan."""
