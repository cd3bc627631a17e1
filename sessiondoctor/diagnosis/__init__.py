"""From findings to ranked causes, the way a physician reasons: which causes explain what was found, and how well.

**The formula.** Write H for a hypothesis: a set of causes that are present together (none, one, two; three only where
two leave a loss unexplained). Write o for the observations: for each check, that it failed or that it passed.
Bayes' rule gives

    P(H | o)  =  P(H) * P(o | H) / sum over all H' of P(H') * P(o | H')

*Possible.* A cause whose page requires what is not there (`requires:`, see `preconditions`) is no hypothesis; where
that is unknown, as where the stack is that it needs, it is less probable.

*Prior.* Causes come independently, so P(H) is proportional to the product of the odds p/(1-p) of its members; p is
the page's `prior` word. The words are fitted to public reports of lost sessions: half of them are sessions of one node
and nothing that keeps clients there, a third are keys, the rest is far behind. A declared symptom that a page names
multiplies its odds by `SYMPTOM`. A declared mode that says the contrary (`contradicts:`) makes a cause rarer: whoever
writes `sticky` has configured some affinity, and the question is why it does not work.

*Likelihood.* Given H the checks are taken as independent, so P(o | H) is a product over the checks. A check fails if
any present cause makes it fail, or by false alarm (noisy-OR):

    fail(k, H)  =  1 - (1 - a_k) * product over c in H of (1 - l_ck)

with l_ck the page's likelihood word and a_k the check's false-alarm rate. A failed check contributes fail(k, H), a
passed one 1 - fail(k, H).

*One fact counts once.* That other nodes do not know a session may be seen by a matrix of nodes, by clients that were
moved, by logins and by forms: one fact, seen four times. Such checks say which fact they show (`shows`), and a page
says how likely the fact F is. F is not seen itself; the checks of F contribute together

    P(F | H) * product over its checks of P(o_k | F)  +  (1 - P(F | H)) * product of P(o_k | not F)

with P(F | H) by the same noisy-OR. A check fails if F is there and it sees that (`SEES`), if the page of a present
cause names the check itself, or by false alarm. Many checks make F surer, and a cause never gains or loses more by them
than by F itself.

*Silence is ignorance.* If the page of a present cause does not mention a check or fact, a_k is raised to what is
expected of it if the page has forgotten it, which happens once in five times: a fifth of its average over all possible
causes. A page that means never says `never`.

*Several ways.* A cause that can show itself in one of two ways (`findings`, `or_findings`) stands for two causes that
share its prior and exclude each other.

*Weak evidence.* A finding may carry its own weight. A failure that has probability `chance` of being seen although
nothing is wrong raises a_k to that. A pass that would have missed the fault with probability 1 - `power` contributes
1 - power * fail(k, H): with power 0 it says nothing.

*Unobserved checks* are left out of the product, so they change nothing. So is what rests on evidence that a check with
the role `blocks` found to be not understood.

The probability of one cause is the sum of P(H | o) over the hypotheses that contain it. The weight of one finding for
a cause c, in bits, is log2 of P(o_k | {c}) / P(o_k | {}); that of a fact is shared out among its findings.

The rooms: `scene` (all that is known of a site), `preconditions` (what must be there), `observation` (findings to
observations), `likelihood` (noisy-OR, facts, silence), `posterior` (Bayes' rule), `ranking` (which causes are stated,
why, where), `steps` (what to ask next), `opinion` (all together).
"""
