// Package qos is the QoS resources: policies, the five kinds of rules below them and under their aliases, and the types of
// rules; and what networks, ports, floating IPs and routers need of policies: who may bind and unbind one, whether a
// binding's rules can be enforced, and what they ask of a hypervisor. It owns the tables qos_policies, qos_policies_default
// and qos_*_rules. The bindings' tables qos_*_policy_bindings are written by the domains of what is bound.
//
// It promises that every request is one transaction; that a project has at most one default policy; that a policy in use
// stays; that a policy whose rules change has a new revision; that the rules of a list of policies cost one statement; that
// nobody sees or binds a policy, or sees a rule, that is neither his project's nor shared with it; and that a rule which
// no driver can enforce on a port is refused wherever policy and port come together. Policies' rules are handed to agents
// by nobody yet.
package qos
