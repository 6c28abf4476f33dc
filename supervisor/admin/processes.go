package admin

import (
	"fmt"
	"io/fs"
	"os"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// proc is one operating system process.
type proc struct {
	pid, parent int
	state       string
	owner       string
}

// processes writes this process and those below it: with worker_isolation = process the workers are among them.
func (p *page) processes(from fs.FS) {
	p.heading("Processes")
	all, err := listProcs(from)
	if err != nil {
		p.line("cannot be listed: %s\n", err)
		return
	}
	p.procTree(all, os.Getpid(), "")
	p.line("")
}

func (p *page) procTree(all []proc, pid int, indent string) {
	for _, one := range all {
		if one.pid == pid {
			p.line("%sProcess %d (under %d) [ run by: %s, state: %s ]", indent, one.pid, one.parent, one.owner, one.state)
		}
	}
	for _, one := range all {
		if one.parent == pid && one.pid != pid {
			p.procTree(all, one.pid, indent+"    ")
		}
	}
}

// listProcs reads all processes from a proc file system. One that ends meanwhile is left out.
func listProcs(from fs.FS) ([]proc, error) {
	entries, err := fs.ReadDir(from, ".")
	if err != nil {
		return nil, err
	}
	var all []proc
	for _, e := range entries {
		pid, err := strconv.Atoi(e.Name())
		if err != nil {
			continue
		}
		if one, err := readProc(from, pid); err == nil {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b proc) int { return a.pid - b.pid })
	return all, nil
}

// readProc reads <pid>/stat: the pid, the name in parentheses, which may contain anything, the state, the parent.
func readProc(from fs.FS, pid int) (proc, error) {
	stat, err := fs.ReadFile(from, fmt.Sprintf("%d/stat", pid))
	if err != nil {
		return proc{}, err
	}
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 2 {
		return proc{}, fmt.Errorf("%d/stat: %q", pid, stat)
	}
	parent, err := strconv.Atoi(fields[1])
	if err != nil {
		return proc{}, fmt.Errorf("%d/stat: %w", pid, err)
	}
	return proc{pid: pid, parent: parent, state: stateWord(fields[0]), owner: owner(from, pid)}, nil
}

func stateWord(letter string) string {
	words := map[string]string{
		"R": "running", "S": "sleeping", "D": "disk-sleep", "Z": "zombie", "T": "stopped", "t": "tracing-stop", "I": "idle",
	}
	if word, ok := words[letter]; ok {
		return word
	}
	return letter
}

// owner is the name and number of who runs a process.
func owner(from fs.FS, pid int) string {
	info, err := fs.Stat(from, strconv.Itoa(pid))
	if err != nil {
		return "unknown"
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "unknown"
	}
	uid := strconv.FormatUint(uint64(stat.Uid), 10)
	if u, err := user.LookupId(uid); err == nil {
		return u.Username + " (" + uid + ")"
	}
	return uid
}
