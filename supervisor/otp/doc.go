// Package otp keeps actors alive the way Erlang/OTP's supervisor does, over protoactor.
//
// It owns: child specs, the order of start and stop, restart types and strategies, the restart intensity, back-off,
// escalation, lifecycle events and snapshots of the tree. protoactor is mechanism only (mailboxes, names, Stop,
// Terminated); every decision is taken here. The package knows nothing of what its children do.
//
// # What it promises
//
//   - Children start in order. Each acknowledges its start before the next one starts; a start that fails undoes what
//     was started, in reverse, and the error names the path of the child.
//   - Children stop in reverse order, each within its own time. The context of a child is cancelled before it is asked
//     to stop. Go cannot kill a goroutine: a child that does not stop in time is named (Leak, EventLeaked) and the
//     stop goes on without it.
//   - A panic in Init, Receive or Terminate becomes a *PanicError with its stack. It never reaches protoactor, the
//     message that caused it is not delivered again, and messages that reach a failed child become dead letters.
//   - A restart is stop, wait for Terminated, spawn under the same name: a PID held by others stays valid. (Only the
//     successor of a leaked child gets another name; Root.PID always knows the current one.)
//   - More than Intensity restarts of one supervisor within Period stop its children, and then the supervisor fails
//     towards its parent. The topmost one stops everything and delivers the cause on Root.Failed. A protoactor
//     guardian is never involved.
//   - Restarts of children that do not concern each other run side by side, and a back-off is a timer: neither keeps a
//     sibling waiting.
//   - A supervisor never blocks, so the snapshots of Root.Tree, PID and Children need nobody's answer.
//
// # What it never does
//
// It starts no goroutine but the one that a Serve child asks for, logs nothing but a panicking event handler, keeps no package-level state, and
// neither creates nor shuts down the ActorSystem: several roots may live in one process, on one system or on many.
//
// # What children must respect
//
// Init and Terminate run on the actor's goroutine. A child whose Props give it a mailbox or dispatcher that runs on the
// sender's goroutine (an inline mailbox) runs them on the supervisor's: such a child must not block there. A child
// must not call the blocking methods of Root (StartChild, Shutdown, ...) for its own supervisor from Init, Receive or
// Terminate: as in OTP, it would wait for itself.
package otp
