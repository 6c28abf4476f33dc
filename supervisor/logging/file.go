package logging

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// fileSpec is a log file.
type fileSpec struct {
	path     string
	truncate bool // when it is opened first
	rotation rotation
}

func (s fileSpec) wantsCaller() bool { return false }

// check looks whether the file can be opened, and does not.
func (s fileSpec) check() error {
	id, err := os.Stat(s.path)
	switch {
	case err == nil && id.IsDir():
		return fmt.Errorf("open log file %q: %w", s.path, unix.EISDIR)
	case err == nil:
		err = unix.Access(s.path, unix.W_OK)
	case errors.Is(err, fs.ErrNotExist):
		dir := filepath.Dir(s.path)
		if _, err := os.Stat(dir); err != nil {
			return missingDirectory(s.path, dir, err)
		}
		err = unix.Access(dir, unix.W_OK|unix.X_OK)
	}
	if err != nil {
		return fmt.Errorf("open log file %q: %w", s.path, err)
	}
	return nil
}

func (s fileSpec) open(now time.Time) (sink, error) {
	f := &file{path: s.path, turns: turns{rotation: s.rotation}}
	f.turns.begin(s.path, now)
	if err := f.reopen(); err != nil {
		return nil, err
	}
	if s.truncate {
		if err := f.f.Truncate(0); err != nil {
			return nil, errors.Join(fmt.Errorf("open log file: %w", err), f.close())
		}
	}
	return f, nil
}

// file appends to a path, follows it when logrotate moves the file away, and rotates it where that is asked for.
type file struct {
	path    string
	f       *os.File
	id      fs.FileInfo // device and inode of f
	regular bool        // it is no pipe or device
	checked int64       // Unix second of the last look at path
	turns   turns
	held    held
}

// write appends the line. When the file was moved and path cannot be opened again, the line still goes to the moved file and the
// error says why; the next look is a second later.
func (f *file) write(m *delivery) error {
	if f.turns.wanted() {
		return f.writeInTurn(m.record.at, m.line)
	}
	var moved error
	if second := m.record.at.Unix(); second != f.checked {
		f.checked = second
		moved = f.follow()
	}
	if m.hold && f.regular && f.held.take(m.record.at, m.line) {
		m.held = f
		return moved
	}
	return errors.Join(moved, f.append(m.line))
}

// append writes the line, behind those that are held.
func (f *file) append(line []byte) error {
	if len(f.held.lines) > 0 {
		f.held.lines = append(f.held.lines, line...)
		return f.release()
	}
	return f.put(line)
}

// release writes the lines that are held.
func (f *file) release() error {
	lines := f.held.lines
	if len(lines) == 0 {
		return nil
	}
	f.held.lines = lines[:0]
	return f.put(lines)
}

func (f *file) put(lines []byte) error {
	if _, err := f.f.Write(lines); err != nil {
		return fmt.Errorf("write log file: %w", err)
	}
	return nil
}

// follow reopens path unless it still is the open file.
func (f *file) follow() error {
	if f.current() {
		return nil
	}
	return f.reopen()
}

// current reports whether path is the open file.
func (f *file) current() bool {
	id, err := os.Stat(f.path)
	return err == nil && os.SameFile(id, f.id)
}

// reopen opens path, and closes the file open before only when that worked. That one gets what is held.
func (f *file) reopen() error {
	opened, err := openLogFile(f.path)
	if err != nil {
		return err
	}
	id, err := opened.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open log file: %w", err), opened.Close())
	}
	old, held := f.f, error(nil)
	if old != nil {
		held = f.release()
	}
	f.f, f.id, f.regular = opened, id, id.Mode().IsRegular()
	if old == nil {
		return nil
	}
	if err := old.Close(); err != nil {
		return errors.Join(held, fmt.Errorf("close moved log file: %w", err))
	}
	return held
}

func (f *file) close() error {
	held := f.release()
	if err := f.f.Close(); err != nil {
		return errors.Join(held, fmt.Errorf("close log file: %w", err))
	}
	return held
}

// openLogFile creates the file if need be, but not its directory: a mistyped log_dir shall be noticed.
func openLogFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		return f, nil
	}
	dir := filepath.Dir(path)
	if _, missing := os.Stat(dir); errors.Is(missing, fs.ErrNotExist) {
		return nil, missingDirectory(path, dir, fs.ErrNotExist)
	}
	return nil, fmt.Errorf("open log file: %w", err)
}

func missingDirectory(path, dir string, err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("open log file %q: directory %q does not exist and is not created: %w", path, dir, fs.ErrNotExist)
	}
	return fmt.Errorf("open log file %q: %w", path, err)
}
