"""Is a setting for affinity written so that the product heeds it?"""

from sessiondoctor.api import Configs, Fine, NotApplicable, Problem, Severity, Verdicts, check

WHY = {
    "misspelt": "{word} is no setting; {meant} is",
    "unknown-value": "{word} has no effect; the value must be {meant}",
    "other-controller": "{word} is a setting of {meant}, which does not serve this Ingress",
    "paid-product": "{word} works in {meant} only",
    "needs-version": "{word} needs {meant}",
}


@check(severity=Severity.HIGH)
def affinity_setting_ineffective(configs: Configs) -> Verdicts:
    """A setting for affinity is misspelt, or for another product.

    Controllers and cloud balancers ignore annotations and attributes that they do not know, without a message: the
    manifest looks right, and clients are spread as before.
    """
    found = [mistake for mistake in configs.mistakes if mistake.about == "affinity"]
    for mistake in found:
        text = WHY[mistake.why].format(word=mistake.word, meant=mistake.meant)
        yield Problem(text, subject=mistake.owner, where=(mistake.owner,), at=mistake.at, detail=mistake.word)
    if not configs.affinities and not found:
        raise NotApplicable("no given file has a setting for affinity")
    if not found:
        yield Fine("every setting for affinity is one that its product knows")
