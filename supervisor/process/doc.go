// Package process is what this operating system process has to do with others: the worker processes it starts, the
// parent that started it, the successor that takes over its sockets, and the service manager.
//
// # What it promises
//
//   - A Child is an actor that is a process. Its start is acknowledged when the process says that it is ready. It fails
//     when the process ends unasked, so its supervisor decides what follows. When the actor has stopped in time, the
//     process has been reaped.
//   - A worker process learns of the death of its parent, however it died, from the end of a pipe that only the parent
//     holds open: the kernel closes it also after SIGKILL. A worker that obeys Parent.Lifeline is never an orphan.
//   - Replace puts a new process in the place of a child's old one. The old one is told to go when the new one is ready,
//     and stays when the new one is not.
//   - Upgrade starts a successor that does not depend on the life of this process. One that does not become ready is
//     killed and reaped before Upgrade returns.
//   - Of the descriptors that this process has opened, a started one gets stdout, stderr, the sockets it is meant to
//     have, and its ends of the two pipes; stdin is /dev/null, or a pipe with Spec.Input. Inherited and Activation keep
//     what they took from further processes.
//   - Passing a socket on does not disturb those who accept from it.
//   - Ask and Replace return also when their child ends with the question unread. While a child is in back-off they say
//     otp.ErrNotRunning, as Root.Send does for the messages of a Child.
//   - Notifier never fails the program: who does not listen is not told.
//
// # How a process is told
//
// Sockets are passed as systemd does: descriptors from 3 on, counted in LISTEN_FDS and named in LISTEN_FDNAMES, in the
// order of their names. LISTEN_PID is missing, because nobody knows the pid before the exec; this is also how Inherited
// and Activation tell their sockets apart. HADRON_PARENT holds the role (child or successor), the pid of the parent, and
// the descriptors of the readiness pipe and of the lifeline. The new process answers on the readiness pipe with
// one line, "ready" or "failed: <text>".
//
// # What it never does
//
// It logs nothing (Spec has hooks), keeps no package-level state, does not exit the program, and touches no process that
// it has not started. It does not drain HTTP servers: that is what the programs in those processes do.
package process
