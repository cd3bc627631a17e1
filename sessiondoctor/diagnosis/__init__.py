"""From findings to ranked causes, the way a physician reasons: which causes explain what was found, and how well.

**The formula.** Write H for a hypothesis: a set of causes that are present together (none, one, two; three only where
two leave a loss unexplained). Write o for the observations: for each check, that it failed or that it passed.
Bayes' rule gives

    P(H | o)  =  P(H) * P(o | H) / sum over all H' of P(H') * P(o | H')

*Prior.* Causes come independently, so P(H) is proportional to the product of the odds p/(1-p) of its members; p is
the page's `prior` word. A declared symptom that a page names multiplies its odds by `SYMPTOM`.

*Likelihood.* Given H the checks are taken as independent, so P(o | H) is a product over the checks. A check fails if
any present cause makes it fail, or by false alarm (noisy-OR):

    fail(k, H)  =  1 - (1 - a_k) * product over c in H of (1 - l_ck)

with l_ck the page's likelihood word and a_k the check's false-alarm rate. A failed check contributes fail(k, H), a
passed one 1 - fail(k, H).

*Several ways.* A cause that can show itself in one of two ways (`findings`, `or_findings`) stands for two causes that
share its prior and exclude each other.

*Weak evidence.* A finding may carry its own weight. A failure that has probability `chance` of being seen although
nothing is wrong raises a_k to that. A pass that would have missed the fault with probability 1 - `power` contributes
1 - power * fail(k, H): with power 0 it says nothing.

*Unobserved checks* are left out of the product, so they change nothing.

The probability of one cause is the sum of P(H | o) over the hypotheses that contain it. The weight of one finding for
a cause c, in bits, is log2 of P(o_k | {c}) / P(o_k | {}).

The rooms: `observation` (findings to observations), `posterior` (the formula), `ranking` (which causes are stated,
why, where), `steps` (what to ask next), `opinion` (all together).
"""
