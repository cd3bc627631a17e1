"""Manifests, compose files, environments, clouds."""
