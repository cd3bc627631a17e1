"""Watching: rounds of a few requests, now and then a whole scan, and what has changed since the round before.

`looking` asks, `seen` is what one round saw, `memory` what is kept between rounds, `comparison` what has changed,
`causes` what scans say, `rounds` the loop, `state` the file, `metrics` and `exposition` what Prometheus is told, `otlp`
what OpenTelemetry is told, `alert` a command that is told.
"""
