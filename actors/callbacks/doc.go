// Package callbacks publishes the three PROCESS events of Neutron's life to who subscribed to them:
//
//	BEFORE_SPAWN  once, before any worker exists
//	AFTER_INIT    in each worker as it starts, and again in each later incarnation of it
//	AFTER_SPAWN   once, after all workers have started
//
// It owns the subscriptions of one server and the order of its events. Hooks are typed functions, so that nobody has to
// look at what triggered them.
//
// # What it promises
//
//   - Hooks run one after the other on the caller's goroutine, by priority (the lowest number first), and among equals
//     in order of subscription.
//   - All hooks of an event run; what failed is returned together, each error with the name of its hook.
//   - BEFORE_SPAWN and AFTER_SPAWN run once per Process: a repetition returns the outcome of the first time.
//   - An event out of order, and a subscription that comes too late to be honoured, is an error.
//
// # What it never does
//
// It keeps no package-level state, starts no goroutine, recovers from no panic, and does not decide what a failed hook
// means: the caller does.
package callbacks
