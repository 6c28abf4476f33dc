package conf

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"sync"
	"syscall"
)

// Recording is a Source that remembers what it was told about the world, and says the same when it is asked again. So
// everything that is made from one Snapshot, however late, is made from the files that were checked, and not from what
// somebody is writing at that moment. As JSON it passes to another process, which then sees the same world.
//
// The environment is not recorded: a worker process inherits it. Safe for concurrent use.
type Recording struct {
	source Source

	mu     sync.Mutex // guards what is below
	files  map[string]answer[[]byte]
	dirs   map[string]answer[[]string]
	exists map[string]bool
}

// answer is what the world said.
type answer[T any] struct {
	Value T        `json:"value,omitempty"`
	Err   *failure `json:"err,omitempty"`
}

// failure is an error of the file system in a form that can be sent; errors.Is still knows it.
type failure struct {
	Op, Path, Text string
	Errno          syscall.Errno
}

// Record begins a recording of src.
func Record(src Source) *Recording {
	return &Recording{source: src, files: make(map[string]answer[[]byte]), dirs: make(map[string]answer[[]string]),
		exists: make(map[string]bool)}
}

// Source is the source that records, or repeats.
func (r *Recording) Source() Source {
	src := r.source
	src.ReadFile, src.ReadDir, src.Exists = r.readFile, r.readDir, r.there
	return src
}

// without is a recording that knows the same, but for the paths that anew says true for: those it will ask about again.
func (r *Recording) without(anew func(path string) bool) *Recording {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := &Recording{source: r.source, files: maps.Clone(r.files), dirs: maps.Clone(r.dirs), exists: maps.Clone(r.exists)}
	maps.DeleteFunc(fresh.files, func(path string, _ answer[[]byte]) bool { return anew(path) })
	maps.DeleteFunc(fresh.dirs, func(path string, _ answer[[]string]) bool { return anew(path) })
	maps.DeleteFunc(fresh.exists, func(path string, _ bool) bool { return anew(path) })
	return fresh
}

func (r *Recording) readFile(path string) ([]byte, error) {
	return ask(r, r.files, path, r.source.ReadFile)
}

func (r *Recording) readDir(path string) ([]fs.DirEntry, error) {
	names, err := ask(r, r.dirs, path, func(path string) ([]string, error) {
		entries, err := r.source.ReadDir(path)
		var names []string
		for _, e := range entries {
			names = append(names, e.Name())
		}
		return names, err
	})
	var entries []fs.DirEntry
	for _, name := range names {
		entries = append(entries, named(name))
	}
	return entries, err
}

func (r *Recording) there(path string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	there, known := r.exists[path]
	if !known {
		there = r.source.Exists(path)
		r.exists[path] = there
	}
	return there
}

// ask repeats what is known, or has the world answer.
func ask[T any](r *Recording, known map[string]answer[T], path string, world func(string) (T, error)) (T, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	a, ok := known[path]
	if !ok {
		value, err := world(path)
		a = answer[T]{Value: value, Err: sendable(err)}
		known[path] = a
	}
	if a.Err != nil {
		return a.Value, a.Err.error()
	}
	return a.Value, nil
}

// recorded is the JSON form of a Recording.
type recorded struct {
	Prog, Version             string
	Args                      []string
	Hostname, HomeDir, EtcDir string
	WorkDir                   string
	Files                     map[string]answer[[]byte]
	Dirs                      map[string]answer[[]string]
	Exists                    map[string]bool
}

// MarshalJSON implements json.Marshaler.
func (r *Recording) MarshalJSON() ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.source
	return json.Marshal(recorded{
		Prog: s.Prog, Version: s.Version, Args: s.Args, Hostname: s.Hostname, HomeDir: s.HomeDir, EtcDir: s.EtcDir,
		WorkDir: s.WorkDir, Files: r.files, Dirs: r.dirs, Exists: r.exists,
	})
}

// UnmarshalJSON implements json.Unmarshaler. What the recording does not know is asked of this machine.
func (r *Recording) UnmarshalJSON(data []byte) error {
	var in recorded
	if err := json.Unmarshal(data, &in); err != nil {
		return fmt.Errorf("recorded configuration: %w", err)
	}
	src, err := System(in.Prog, in.Version, in.Args)
	if err != nil {
		return err
	}
	src.Hostname, src.HomeDir, src.EtcDir, src.WorkDir = in.Hostname, in.HomeDir, in.EtcDir, in.WorkDir
	fresh := Record(src)
	for path, a := range in.Files {
		fresh.files[path] = a
	}
	for path, a := range in.Dirs {
		fresh.dirs[path] = a
	}
	for path, there := range in.Exists {
		fresh.exists[path] = there
	}
	r.source, r.files, r.dirs, r.exists = fresh.source, fresh.files, fresh.dirs, fresh.exists
	return nil
}

func sendable(err error) *failure {
	if err == nil {
		return nil
	}
	f := &failure{Text: err.Error()}
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		f.Op, f.Path = e.Op, e.Path
	}
	if errno, ok := errors.AsType[syscall.Errno](err); ok {
		f.Errno = errno
	} else if errors.Is(err, fs.ErrNotExist) { // a file system that is none of the kernel's
		f.Errno = syscall.ENOENT
	} else if errors.Is(err, fs.ErrPermission) {
		f.Errno = syscall.EACCES
	}
	return f
}

func (f *failure) error() error {
	if f.Errno == 0 {
		return errors.New(f.Text)
	}
	return &os.PathError{Op: f.Op, Path: f.Path, Err: f.Errno}
}

// named is an entry of a directory of which only the name is known, which is all that is asked for.
type named string

func (n named) Name() string      { return string(n) }
func (n named) IsDir() bool       { return false }
func (n named) Type() fs.FileMode { return 0 }
func (n named) Info() (fs.FileInfo, error) {
	return nil, &fs.PathError{Op: "stat", Path: string(n), Err: errors.ErrUnsupported}
}
