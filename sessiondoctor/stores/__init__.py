"""How to talk with each kind of session store: one folder a kind, all with the functions of `contract.Kind`."""
