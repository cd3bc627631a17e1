"""`python -m sessiondoctor`."""

from sessiondoctor.cli import main

main()
