"""Application servers, frameworks and their clusters."""
