package process

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"
)

// firstFD is where inherited sockets begin.
const firstFD = 3

// Socket is an inherited descriptor. It is close-on-exec.
type Socket struct {
	// Name is from LISTEN_FDNAMES; several sockets may have the same. Without names it is "unknown", as systemd says.
	Name string
	File *os.File
}

// Listener makes a listener of the socket and closes File.
func (s Socket) Listener() (net.Listener, error) {
	l, err := net.FileListener(s.File)
	if err := errors.Join(err, s.File.Close()); err != nil {
		return nil, fmt.Errorf("socket %s: %w", s.Name, err)
	}
	return l, nil
}

// Activation returns the sockets that the service manager has bound for this process, none when it has bound none for
// it. The variables are cleared. Sockets from a parent of this package are not among them: see Inherited.
func Activation() ([]Socket, error) { return activation(realSystem()) }

func activation(sys system) ([]Socket, error) {
	text, ok := sys.lookup(envListenPID)
	if !ok {
		return nil, nil
	}
	pid, err := strconv.Atoi(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %q is not a number", envListenPID, text)
	}
	if pid != sys.pid() {
		return nil, clearVariables(sys, envListenPID, envListenFDs, envListenNames)
	}
	sockets, err := inheritedSockets(sys)
	return sockets, errors.Join(err, clearVariables(sys, envListenPID))
}

// inheritedSockets takes what LISTEN_FDS and LISTEN_FDNAMES describe, and clears both.
func inheritedSockets(sys system) ([]Socket, error) {
	names, err := listenNames(sys)
	if err != nil {
		return nil, err
	}
	var sockets []Socket
	for i, name := range names {
		f, err := sys.adopt(firstFD+i, name)
		if err != nil {
			return nil, err
		}
		sockets = append(sockets, Socket{Name: name, File: f})
	}
	return sockets, clearVariables(sys, envListenFDs, envListenNames)
}

// listenNames returns one name per socket.
func listenNames(sys system) ([]string, error) {
	text, ok := sys.lookup(envListenFDs)
	if !ok {
		return nil, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 {
		return nil, fmt.Errorf("%s: %q is not a count", envListenFDs, text)
	}
	all, ok := sys.lookup(envListenNames)
	if !ok {
		all = strings.TrimPrefix(strings.Repeat(":unknown", n), ":")
	}
	var names []string
	if n > 0 {
		names = strings.Split(all, ":")
	}
	if len(names) != n {
		return nil, fmt.Errorf("%s: %q has %d names for %d sockets", envListenNames, all, len(names), n)
	}
	return names, nil
}

func clearVariables(sys system, keys ...string) error {
	var err error
	for _, key := range keys {
		err = errors.Join(err, sys.unset(key))
	}
	return err
}

// WatchdogInterval is how often the service manager wants a sign of life from this process, 0 for never. Half of it is
// a good rhythm.
func WatchdogInterval() (time.Duration, error) { return watchdogInterval(realSystem()) }

func watchdogInterval(sys system) (time.Duration, error) {
	text, ok := sys.lookup(envWatchdogUsec)
	if !ok {
		return 0, nil
	}
	usec, err := strconv.ParseInt(text, 10, 64)
	if err != nil || usec <= 0 || usec > int64(time.Duration(1<<63-1)/time.Microsecond) {
		return 0, fmt.Errorf("%s: %q is not a time in microseconds", envWatchdogUsec, text)
	}
	if pid, ok := sys.lookup(envWatchdogPID); ok && pid != strconv.Itoa(sys.pid()) {
		return 0, nil
	}
	return time.Duration(usec) * time.Microsecond, nil
}
