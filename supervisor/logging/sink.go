package logging

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// sink is one place that records go to. Its methods are called under Log's write mutex.
type sink interface {
	write(now time.Time, line []byte) error
	reopen() error
	close() error
}

// openSinks opens what cfg asks for: Output alone, or the file and stderr, or stdout when there is neither.
func openSinks(cfg Config) ([]sink, error) {
	if cfg.Output != nil {
		return []sink{stream{w: cfg.Output}}, nil
	}
	var sinks []sink
	if path := cfg.path(); path != "" {
		f := &file{path: path}
		if err := f.reopen(); err != nil {
			return nil, err
		}
		sinks = append(sinks, f)
	}
	if cfg.UseStderr {
		sinks = append(sinks, stream{w: os.Stderr})
	}
	if len(sinks) == 0 {
		sinks = append(sinks, stream{w: os.Stdout})
	}
	return sinks, nil
}

// eachSink runs do on every sink, whatever the others answer.
func eachSink(sinks []sink, do func(sink) error) error {
	var failed error
	for _, s := range sinks {
		if err := do(s); err != nil {
			failed = errors.Join(failed, err)
		}
	}
	return failed
}

// stream is a sink that somebody else opened and will close.
type stream struct{ w io.Writer }

func (s stream) write(_ time.Time, line []byte) error {
	_, err := s.w.Write(line)
	return err
}

func (s stream) reopen() error { return nil }
func (s stream) close() error  { return nil }

// file appends to a path, and follows it when logrotate moves the file away.
type file struct {
	path    string
	f       *os.File
	id      fs.FileInfo // device and inode of f
	checked int64       // Unix second of the last look at path
}

// write appends line. When the file was moved and path cannot be opened again, the line still goes to the moved file and the
// error says why; the next look is a second later.
func (f *file) write(now time.Time, line []byte) error {
	var moved error
	if second := now.Unix(); second != f.checked {
		f.checked = second
		moved = f.follow()
	}
	if _, err := f.f.Write(line); err != nil {
		return errors.Join(moved, fmt.Errorf("write log file: %w", err))
	}
	return moved
}

// follow reopens path unless it still is the open file.
func (f *file) follow() error {
	if id, err := os.Stat(f.path); err == nil && os.SameFile(id, f.id) {
		return nil
	}
	return f.reopen()
}

// reopen opens path, and closes the file open before only when that worked.
func (f *file) reopen() error {
	opened, err := openLogFile(f.path)
	if err != nil {
		return err
	}
	id, err := opened.Stat()
	if err != nil {
		return errors.Join(fmt.Errorf("open log file: %w", err), opened.Close())
	}
	old := f.f
	f.f, f.id = opened, id
	if old == nil {
		return nil
	}
	if err := old.Close(); err != nil {
		return fmt.Errorf("close moved log file: %w", err)
	}
	return nil
}

func (f *file) close() error {
	if err := f.f.Close(); err != nil {
		return fmt.Errorf("close log file: %w", err)
	}
	return nil
}

// openLogFile creates the file if need be, but not its directory: a mistyped log_dir shall be noticed.
func openLogFile(path string) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		return f, nil
	}
	dir := filepath.Dir(path)
	if _, missing := os.Stat(dir); errors.Is(missing, fs.ErrNotExist) {
		return nil, fmt.Errorf("open log file %q: directory %q does not exist and is not created: %w", path, dir, fs.ErrNotExist)
	}
	return nil, fmt.Errorf("open log file: %w", err)
}
