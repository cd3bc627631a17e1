"""Do the topology and the configuration files say the same?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Topology, Verdicts, check


@check(severity=Severity.LOW, role="hygiene")
def declared_otherwise_than_configured(configs: Configs, topology: Topology) -> Verdicts:
    """The topology says something else than a configuration file.

    What is declared counts. Of settings that are not declared, it says which were read from which line. Either the
    topology is out of date, or the file is not the one that is running.
    """
    if not configs.files or not topology.configured:
        raise NotApplicable("no given file says what the topology can say")
    for one in topology.configured:
        place = f"{one.file}:{one.line}"
        if one.declared:
            text = f"{one.key} is declared as {one.declared}, and {place} says {one.value}"
            yield Problem(text, subject=one.key, at=one.path)
        else:
            yield Fine(f"{one.key} is {one.value}, as {place} says", subject=one.key)
