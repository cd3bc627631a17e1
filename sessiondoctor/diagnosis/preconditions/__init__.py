"""What must be there for a cause to be possible: the words of `requires:` in a page's front matter.

Each precondition is a pure function from what was gathered and declared to yes, no or unknown. `no` removes the cause,
`unknown` makes it less probable. What was not looked at is unknown, never no. To add one, write one function in the
module that it belongs to; its name, with dashes, is the word.
"""

from sessiondoctor.diagnosis.preconditions import clients, nodes, stores
from sessiondoctor.diagnosis.preconditions.word import PRECONDITIONS, Answer

__all__ = ["PRECONDITIONS", "Answer", "clients", "nodes", "stores"]
