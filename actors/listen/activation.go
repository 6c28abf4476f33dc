package listen

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// Inherited is a descriptor that the service manager passed, for Table.Adopt. The caller closes File.
type Inherited struct {
	Name string
	File *os.File
}

// firstFD is where passed descriptors begin (sd_listen_fds(3)).
const firstFD = 3

// Activated returns the descriptors that a service manager passed to the process pid by LISTEN_PID, LISTEN_FDS and
// LISTEN_FDNAMES; none if the variables are not set or are meant for another process. One without a name, or with a name
// that another has, is called by its number: "fd3". It is to be called once, and before the process starts others.
func Activated(getenv func(string) string, pid int) ([]Inherited, error) {
	if getenv("LISTEN_PID") != strconv.Itoa(pid) {
		return nil, nil
	}
	n, err := strconv.Atoi(getenv("LISTEN_FDS"))
	if err != nil || n < 0 {
		return nil, fmt.Errorf("LISTEN_FDS=%q is not a number of descriptors", getenv("LISTEN_FDS"))
	}
	names := strings.Split(getenv("LISTEN_FDNAMES"), ":")
	taken := make(map[string]bool)
	var all []Inherited
	for i := range n {
		name := "fd" + strconv.Itoa(firstFD+i)
		if i < len(names) && names[i] != "" && !taken[names[i]] {
			name = names[i]
		}
		taken[name] = true
		if _, err := unix.FcntlInt(uintptr(firstFD+i), unix.F_SETFD, unix.FD_CLOEXEC); err != nil {
			return nil, fmt.Errorf("LISTEN_FDS=%d: descriptor %d: %w", n, firstFD+i, err)
		}
		all = append(all, Inherited{Name: name, File: os.NewFile(uintptr(firstFD+i), name)})
	}
	return all, nil
}
