"""Was every given file read?"""

from sessiondoctor.api import Configs, Fine, Location, Problem, Severity, Unknown, Verdicts, check


@check(severity=Severity.LOW, role="hygiene")
def file_not_recognised(configs: Configs) -> Verdicts:
    """A file could not be read.

    A file whose content nobody knows, or that was cut or broken, is named here: nothing in it was judged, so that its
    silence is no all-clear.
    """
    for file in configs.files:
        if not file.format:
            yield Unknown(f"{file.note}; `--as FORMAT` says what it is", subject=file.name)
        elif file.note:
            yield Problem(f"{file.name} was read in part: {file.note}", subject=file.name, where=(file.owner,),
                          at=Location(file.name, 1))  # fmt: skip
        else:
            yield Fine(f"{file.name} was read as {file.format}", subject=file.name)
