"""Evidence for checks of configuration files."""

from __future__ import annotations

from tests.checks.build import topology

LOOP = topology(symptoms=("login-loop",))
TLS = "server {\n  listen 443 ssl;\n  location / {\n    proxy_pass http://app;\n"
PLAIN = "server {\n  listen 80;\n  location / {\n    proxy_pass http://app;\n"
END = "  }\n}\n"
PROTO = "    proxy_set_header X-Forwarded-Proto $scheme;\n"
HOST = "    proxy_set_header Host $host;\n"
CACHE = "    proxy_cache pages;\n"
DATABASE = "kind: Deployment\napiVersion: apps/v1\nmetadata: {name: db}\nspec: {replicas: %s, template: {spec: {containers: [{image: 'postgres:16'}]}}}\n"
PMA = "services:\n  pma:\n    image: phpmyadmin:5\n%s"
FILES = "services:\n  shop:\n    image: shop\n    environment: {SESSION_DRIVER: file}\n%s"
