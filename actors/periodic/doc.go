// Package periodic runs work again and again: the loops of oslo.service (fixed interval, dynamic, back-off, retry) and
// its registry of periodic tasks, as children of package otp.
//
// It owns when something runs next. Every such decision is a pure function of values (FixedInterval.Next,
// Dynamic.Next, BackOff.Next, Retry.Next, NearestBoundary): clock and randomness come in as arguments. Around them are
// runners that sleep, measure with the monotonic clock, and end with their context.
//
// # What it promises
//
//   - Two runs of one loop never overlap.
//   - A loop ends when its function returns Stop (normally, with a value), when the function fails (with that error,
//     unless the loop is told to keep going), or when its context ends: at once while it sleeps, else when the function
//     returns.
//   - As a child of a supervisor a loop that ended normally has exited normally, and a failed one has failed.
//   - An error of a registry's task is logged and swallowed; the other tasks run, and so does this one next time.
//   - A panic is nobody's business here: it fails the actor. A registry outlives it, so that the task behind the panic
//     waits for its next turn instead of running at once in the next incarnation.
//
// # What it never does
//
// It keeps no package-level state, starts no goroutine of its own, and does not decide what follows a failure: that is
// the supervisor's.
//
// oslo.service's thread group has no counterpart here, because a supervisor is one: its timers are loop children, stop
// and cancel are the shutdown of a child, which is brutal or has a time limit.
package periodic
