// Package api is the Networking API v2.0 as tables: which attributes a resource has and how each is converted, checked,
// defaulted, filtered and sorted by; which HTTP status a neutron.Kind has; which manners a front controller has.
//
// An Engine holds the registered resources. Front turns HTTP into calls on them: decode, validate, ask the policy, ask the domain's
// Service, append JSON. The engine promises that a domain only ever sees converted and validated values, that clients
// never see the text of an unforeseen error, and that nothing a client sends makes it panic or answer 5xx by itself. It
// never touches a database, holds no state between requests but compiled encoder plans, and starts no goroutine.
//
// The wire texts are those of Neutron 2026.1 (28.0.1); where a comment says "observed" they were seen on a running one.
// Deliberate differences: a query or path that is not UTF-8, a number that no column can hold and a limit beyond every
// table are refused with 400 where Neutron answers 500 or an HTML page; unknown HTTP methods are 405 where Neutron's
// pecan treats them as GET; filters named like attributes of SQLAlchemy models (metadata, update, ...) are refused like
// every unknown filter.
package api
