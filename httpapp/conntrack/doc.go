// Package conntrack is what is below /routers/{id}/conntrack_helpers: which helpers of the kernel's connection tracking a
// router uses for which protocol and port. It owns the table conntrack_helpers;
// that routers show their helpers is package l3's business.
//
// It promises that every request is one transaction, that a router has a helper for a protocol and port once, that only the
// helpers that the configuration allows are used, with the protocols it allows them, and that every helper that comes, goes
// or changes is a revision of its router. A project changes helpers of its own
// routers only; whose helpers it sees is for policies to say, which look at the router.
//
// Agents are not told yet.
package conntrack
