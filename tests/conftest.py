"""For all tests: Hypothesis sets no time limit, because how long an example takes is the machine's matter."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")
