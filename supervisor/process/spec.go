package process

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// DefaultStopTimeout is the original's graceful_shutdown_timeout.
const DefaultStopTimeout = 60 * time.Second

// Spec describes a process. It is plain data, but for its hooks: the same value may be started many times.
type Spec struct {
	// Title becomes argv[0], which ps shows; zero is the path of the program.
	Title string
	// Path is the program. Zero is the one that this process runs; for Upgrade, the one that is now at its path.
	Path string
	// Args are the arguments after argv[0].
	Args []string
	// Env are additions to this process's environment, as KEY=value. Variables of the service manager are not passed
	// on to children; a successor gets those that are still true for it.
	Env []string
	// Listeners are the sockets to inherit, by the name under which Parent.Listener finds them: each a *net.TCPListener
	// or *net.UnixListener. A duplicate is taken at each start, so a closed listener fails that start.
	Listeners map[string]syscall.Conn
	// Input is what the process finds on its standard input, followed by its end; nil is /dev/null. It need not read it.
	// Neither the process list nor the environment shows it. It must not be changed while the process runs. When this
	// process is killed meanwhile, what was read so far looks like the whole: what is passed must tell its own end.
	Input []byte
	// StartTimeout bounds the wait for readiness in Replace and Upgrade; zero is otp.DefaultStartTimeout. The start of
	// a Child is bounded by otp.ChildSpec.StartTimeout instead.
	StartTimeout time.Duration
	// StopTimeout is the time from SIGTERM to SIGKILL. Zero is DefaultStopTimeout, otp.Infinity never kills, and
	// otp.Brutal kills at once. otp.ChildSpec.Shutdown should be longer.
	StopTimeout time.Duration
	// DeathSignal is what the kernel sends to a child when this process ends; zero is nothing. It is for programs that
	// do not obey their lifeline: it comes first, so one that kills leaves no time for a last word in the log. It does
	// nothing for a successor.
	DeathSignal syscall.Signal
	// Throttle, if set, delays starts; children of one kind share it. It does not delay Replace and Upgrade.
	Throttle *Throttle
	// Prepare, if set, runs before each start on a copy of the spec, for what is decided late: sockets, arguments.
	Prepare func(*Spec) error
	// OnStart, if set, hears of every process that has been started. It must not block.
	OnStart func(pid int)
	// OnShortage, if set, hears of every start of a Child that is tried again because the machine had no room for a process.
	OnShortage func(error)
	// OnExit, if set, hears of the end of every process, wanted or not. It must not block.
	OnExit func(*ExitError)
}

// prepare returns the spec of one start.
func (s Spec) prepare() (Spec, error) {
	s.Args, s.Env, s.Listeners = slices.Clone(s.Args), slices.Clone(s.Env), maps.Clone(s.Listeners)
	if s.Prepare != nil {
		if err := s.Prepare(&s); err != nil {
			return Spec{}, fmt.Errorf("prepare: %w", err)
		}
	}
	s.StartTimeout = cmp.Or(s.StartTimeout, otp.DefaultStartTimeout)
	return s, s.validate()
}

func (s Spec) stopTimeout() time.Duration { return cmp.Or(s.StopTimeout, DefaultStopTimeout) }

func (s Spec) validate() error {
	for name, l := range s.Listeners {
		if err := validName(name); err != nil {
			return fmt.Errorf("Listeners: name %q: %w", name, err)
		}
		if l == nil {
			return fmt.Errorf("Listeners: %s is nil", name)
		}
	}
	for _, e := range s.Env {
		if strings.IndexByte(e, '=') < 1 {
			return fmt.Errorf("Env: %q is not KEY=value", e)
		}
	}
	if s.StopTimeout < otp.Brutal {
		return fmt.Errorf("StopTimeout %s is negative", s.StopTimeout)
	}
	if s.StartTimeout < 0 {
		return fmt.Errorf("StartTimeout %s is negative", s.StartTimeout)
	}
	return nil
}

// validName keeps names within what LISTEN_FDNAMES can hold.
func validName(name string) error {
	switch {
	case name == "":
		return errors.New("is empty")
	case len(name) > 255:
		return fmt.Errorf("has %d bytes, more than 255", len(name))
	case strings.ContainsFunc(name, func(r rune) bool { return r == ':' || r <= ' ' || r > '~' }):
		return errors.New("contains ':' or is not printable ASCII")
	}
	return nil
}

// Variables of the environment.
const (
	envParent       = "HADRON_PARENT"
	envListenFDs    = "LISTEN_FDS"
	envListenNames  = "LISTEN_FDNAMES"
	envListenPID    = "LISTEN_PID"
	envNotifySocket = "NOTIFY_SOCKET"
	envWatchdogUsec = "WATCHDOG_USEC"
	envWatchdogPID  = "WATCHDOG_PID"
)

// role is what a started process is to the one that starts it.
type role string

const (
	roleChild     role = "child"
	roleSuccessor role = "successor"
)

// withheld are the variables that a process of this role does not inherit. A successor will speak to the service manager
// under another pid, so it keeps everything but the pids.
func (r role) withheld() []string {
	keys := []string{envParent, envListenFDs, envListenNames, envListenPID, "LISTEN_PIDFDID", envWatchdogPID}
	if r == roleChild {
		keys = append(keys, envNotifySocket, envWatchdogUsec)
	}
	return keys
}

// environment returns base without what r withholds, then additions, each variable once.
func (r role) environment(base, additions []string) []string {
	without := make(map[string]bool)
	for _, key := range r.withheld() {
		without[key] = true
	}
	last := make(map[string]string)
	var order []string
	for _, e := range slices.Concat(base, additions) {
		key, value, _ := strings.Cut(e, "=")
		if _, seen := last[key]; !seen {
			order = append(order, key)
		}
		last[key] = value
	}
	var env []string
	for _, key := range order {
		if !without[key] {
			env = append(env, key+"="+last[key])
		}
	}
	return env
}

// announcement are the variables that tell a process what it inherits.
func (r role) announcement(pid int, e *equipment) []string {
	env := []string{fmt.Sprintf("%s=%s:%d:%d:%d", envParent, r, pid, e.readyFD, e.lifelineFD)}
	if len(e.names) > 0 {
		env = append(env, envListenFDs+"="+strconv.Itoa(len(e.names)), envListenNames+"="+strings.Join(e.names, ":"))
	}
	return env
}
