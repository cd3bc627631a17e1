"""What people have in hand: files, judged without contacting anybody (`judge`, `lint`).

    words of the command line -> intake (sources) -> media (who knows this content?) -> evidence -> checks

A *medium* is a kind of evidence that files can be: configuration, logs, captures, bundles. Each is one module of
`sessiondoctor.artefacts.media`, found by listing that package, with four things (see `media.Medium`):

    EVIDENCE   the types of evidence that it gives
    FORMATS    what it reads: a tuple of `Format(name, title)`, for `list formats` and `--as`
    recognise  (source) -> Match | None      how surely this content is one of its formats
    gather     (matched, given) -> pieces    evidence of all sources that fell to it, as `Piece`s

To read another kind of evidence, add a module there; nothing else has to change.
"""
