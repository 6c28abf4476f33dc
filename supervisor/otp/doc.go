// Package otp keeps actors alive the way Erlang/OTP's supervisor does, over protoactor.
//
// It owns: child specs, the order of start and stop, restart types and strategies, the restart intensity, back-off,
// escalation, lifecycle events and snapshots of the tree. protoactor is mechanism only (mailboxes, names, Stop,
// Terminated); every decision is taken here. The package knows nothing of what its children do.
//
// [Start] starts a tree that a [Spec] describes and returns its [Root]. A worker implements [Child], or is a function
// made one by [Serve]. The examples show each of these at work.
//
// # Start
//
// Children start in the order of Spec.Children. Each acknowledges its start, by returning from Init, before the next one
// starts, as with OTP's start_link; it has StartTimeout for that. A start that fails undoes what was started, in
// reverse, and the error names the path of the child.
//
// # Restart types
//
// A child ends by itself when it panics, calls Context.Fail or Context.Exit, or stops its actor. A nil reason is a normal
// exit, every other one a failure. Permanent children are restarted after both, Transient ones after a failure,
// Temporary ones never: those are forgotten once they have ended, be it with their siblings.
//
// A panic in Init, Receive or Terminate becomes a [PanicError] with its stack. It never reaches protoactor, the message
// that caused it is not delivered again, and messages that reach a failed child become dead letters.
//
// # Strategies
//
// OneForOne restarts the failed child, OneForAll all children, RestForOne the failed one and those that started after it.
// The group is stopped in reverse order and started in order, completely: also members that had ended, or were
// terminated, before. SimpleOneForOne is for dynamic children. A domain can add a [Strategy] of its own.
//
// A restart is stop, wait for Terminated, spawn under the same name: a PID held by others stays valid. (Only the
// successor of a leaked child gets another name; Root.PID always knows the current one.)
//
// # Intensity and escalation
//
// More than Intensity restarts of one supervisor within Period, a sliding window, make it give up: it stops its children
// in reverse order and then fails towards its parent, for which this is the failure of a child like any other. The
// topmost supervisor delivers the cause on Root.Failed when everything has been stopped in order; it is for the program
// to end then. A protoactor guardian is never involved. A failed start during a restart is one more failure, and counts.
//
// ChildSpec.Forgive exempts failures whose cause is not within the tree.
//
// # Back-off
//
// ChildSpec.Backoff delays the restarts of a child exponentially, with jitter, and begins anew when the child has run for
// long. It is a timer: neither siblings nor commands wait for it. The failure of a sibling whose group includes the child
// ends it, and so does TerminateChild.
//
// # Stop
//
// Children stop in reverse order, those of a dynamic supervisor all at once. Each has the time of its Shutdown: a
// duration, Infinity (which nested supervisors have unless told otherwise, since their children have limits) or Brutal.
// The context of a child is cancelled before it is asked to stop; then Terminate is called. Go cannot kill a goroutine:
// a child that does not stop in time is named ([Leak], EventLeaked) and the stop goes on without it.
//
// # Dynamic children and commands
//
// Under SimpleOneForOne all children are made from one template, by Spec.Instances and by Root.StartChild. The other
// commands of OTP are there for every supervisor: Root.TerminateChild, Root.RestartChild, Root.DeleteChild,
// Root.Children (which_children) and Root.Count (count_children). All take paths, not addresses. Ten thousand children
// of one supervisor are nothing special: no step searches all of them for one.
//
// # Alternatives
//
// A supervisor whose strategy is an [Alternator] has something else to try where another one gives up: it starts its
// children again with the next alternative, and counts as degraded until Root.Prefer brings the preferred one back.
// [Alternatives] is one over a list of names.
//
// # Watching a tree
//
// Every step is an [Event], delivered to Spec.OnEvent, to WithOnEvent, and on the event stream of the ActorSystem.
// Root.Tree is a snapshot with the state of everybody, how long it has lasted (Node.Since), restarts, the last failure
// and the length of the mailbox. A supervisor never blocks, so snapshots need nobody's answer; Root.Ping does, and so
// proves that every supervisor still works.
//
// # What differs from OTP, and why
//
//   - OTP kills; Go cannot. So contexts, limits, BrutalGrace, and leaks with names instead of exit(Pid, kill). A leaked
//     child and its successor may run at the same time.
//   - OTP has links, so the end of a process is always noticed. Here the end of an actor is noticed, and that of a Serve
//     function. Other goroutines of a child are its own business: it reports their failure by Context.Fail, and ends them
//     in Terminate.
//   - A restarted process has a new pid in OTP. Here the name and thus the PID stay, because holders of a PID
//     cannot be told. The mailbox does not stay, in both.
//   - The reasons shutdown and {shutdown, Term} are normal exits in OTP, here only nil is. So a Transient supervisor that gave up
//     is restarted here, and is not in OTP, where giving up is called shutdown.
//   - An OTP supervisor does nothing else while it starts or stops a child. This one goes on: restarts that do not concern
//     each other run side by side, and one slow child holds up only its own group. What concerns a busy child waits for it.
//   - start_link may return ignore. Here a child that is not wanted is left out of the spec, or is Transient and exits
//     normally.
//   - Children of a simple_one_for_one have an ID and a path like all others, so they have snapshots and events too.
//   - There is neither auto_shutdown with significant children nor code change: a program's end is decided at its root,
//     and the program is replaced as a whole.
//   - OTP's supervisor has no StartTimeout, back-off, Forgive, alternatives, strategies of the domain, or Ping. Much of what
//     fails in a server is outside of it (a database, a broker), where trying again at once, a few times, is of no use.
//
// # What it never does
//
// It starts no goroutine but the one that a Serve child asks for, logs nothing but a panicking event handler, keeps no package-level
// state, and neither creates nor shuts down the ActorSystem: several roots may live in one process, on one system or on many.
//
// # What children must respect
//
// Init and Terminate run on the actor's goroutine. A child whose Props or Mailbox give it a mailbox or dispatcher that
// runs on the sender's goroutine (an inline mailbox) runs them on the supervisor's: such a child must not block there.
// What a supervisor calls (OnEvent, Forgive, a Strategy) must not block either. A child must not call the blocking
// methods of Root (StartChild, Shutdown, ...) for its own supervisor from Init, Receive or Terminate: as in OTP, it would
// wait for itself.
package otp
