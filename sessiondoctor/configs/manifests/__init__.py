"""Kubernetes objects to facts, one module a group of kinds; each function takes the object and the text it stands in.

An object may be a fragment: annotations alone, a `spec` without its `kind`.
"""
