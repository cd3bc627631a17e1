"""Readers of other people's configuration: text in, frozen facts out (`sessiondoctor.evidence.configs`).

One module a format in the rooms of `sessiondoctor.configs.readers` (balancers, deployment, applications, stores), found
by listing them; there is no list to edit. A reader is a module with

    TITLE = "nginx configuration"                  for `list formats`; the module's name (with -) is the format's name
    def score(name: str, head: str) -> int         0 to 100: how surely this is the format, by content, then file name
    def read(text: Text) -> Iterator[Fact | Text]  facts, each with `at=text.at(line, column)`

`score` sees the first 64 KiB and costs microseconds: a few regular expressions. Content decides: 60 to 95 for words
that only this format has; a file name alone gives at most 30, and adds at most 5 to what content says. A fragment
counts as much as a whole file: five lines, annotations alone, a block without its end.

`read` never raises for what a file contains. It skips what it does not understand, and raises
`Unreadable(reason, line)` only if nothing can be read at all. It is a pure function: no network, no include, no
execution, no clock. It may yield another `Text` (`text.part(...)`) for content that is embedded, such as a ConfigMap's
nginx.conf: that one is recognised and read like a file, to a depth of three.

Secrets: never put a value into a fact; `text.fingerprint(value)` gives what can be compared and hides the value from
all output. URLs of stores go through `configs.values.endpoint`, which drops user and password.

A fact states what a file says, not what follows: an absent setting is `None` or "", and the check knows the
product's default. What is commented out is not said. A fact that no class has is a `Setting` first, and a class of its
own (with a field of `Configs`) when a second format says it, too.

Helpers: `source` (Text), `yaml` (bounded YAML and JSON with lines), `values` (durations, sizes, booleans, endpoints),
`environment` (variables to facts, for .env, compose, manifests, systemd), `manifests` (Kubernetes objects).
"""
