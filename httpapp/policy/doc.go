// Package policy decides who may do what: the policy language of oslo.policy with Neutron's own checks, Neutron's 344
// default rules, and the files that change them.
//
// An Enforcer is made once from a configuration and its files; it promises that every rule it holds is understood, so
// that no request meets a rule that cannot be evaluated, and says of what it refuses the file and the line. Rules are
// parsed once. For each set of roles they are evaluated once as far as the roles decide, and what is left is kept: always,
// never, or a small tree over a few attributes of the object and of the caller. A Caller, one per request, answers from
// that without maps, reflection or copies.
//
// The package knows no HTTP and no database: what a rule asks of another object than the one at hand, such as the owner
// of a port's network, comes through Parents.
//
// Deliberate differences from oslo.policy: a rule that it would log and then deny for ever (unknown words, unbalanced
// parentheses, unknown formats, cycles) is refused when it is read; a rule that is null or a tag is refused where it
// would allow everything.
package policy
