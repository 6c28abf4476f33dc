package supervisor

import (
	"io"
	"time"
)

// Run is Main with faults: what the test binary is when it plays the server, and each of its worker processes.
func Run(args []string, stdout, stderr io.Writer, adjust func(*Options)) int {
	return run(args, stdout, stderr, adjust)
}

// Worker reports whether the options are those of a worker process.
func (o *Options) Worker() bool { return o.orders != nil }

// SetPeriod is for tests of what happens when restarts come too fast.
func (o *Options) SetPeriod(d time.Duration) { o.period = d }

// KeepRoom gives the heap of the test's process the room that the daemon's has.
func KeepRoom() (stop func()) { return keepRoom() }
