"""An embedded cluster on loopback with faults to switch on: a balancer, three nodes, a store.

`faults` says what can be wrong, `cluster` puts the parts together, `shop` is a node, `balancer` stands in front,
`store` speaks the Redis protocol. Nothing here is used by a scan.
"""
