package conf

import (
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
)

// Source is the outside world as Load sees it. System describes the real one, FileSystem one made of an fs.FS.
type Source struct {
	// Prog is the program's name: it names <prog>.conf and stands in messages.
	Prog    string
	Version string
	// Args is the command line without the program.
	Args []string
	// Hostname is the default of the option host.
	Hostname string
	// HomeDir is what ~ stands for; empty leaves the two home directories out of the search.
	HomeDir string
	// EtcDir is /etc.
	EtcDir string
	// WorkDir makes relative paths absolute.
	WorkDir   string
	LookupEnv func(name string) (string, bool)
	ReadFile  func(path string) ([]byte, error)
	ReadDir   func(path string) ([]fs.DirEntry, error)
	// Exists reports whether something, file or directory, is at the path.
	Exists func(path string) bool
}

// System is the machine we run on.
func System(prog, version string, args []string) (Source, error) {
	wd, err := os.Getwd()
	if err != nil {
		return Source{}, fmt.Errorf("find the working directory: %w", err)
	}
	hostname, err := os.Hostname()
	if err != nil {
		return Source{}, fmt.Errorf("find the host name: %w", err)
	}
	return Source{
		Prog: prog, Version: version, Args: args, Hostname: hostname,
		HomeDir: homeDir(), EtcDir: "/etc", WorkDir: wd,
		LookupEnv: os.LookupEnv, ReadFile: readFileUpTo(longestFile), ReadDir: os.ReadDir,
		Exists: func(path string) bool { _, err := os.Stat(path); return err == nil },
	}, nil
}

// longestFile keeps a path such as /dev/zero from filling the memory.
const longestFile = 64 << 20

// readFileUpTo is os.ReadFile for files that have an end.
func readFileUpTo(limit int64) func(path string) ([]byte, error) {
	return func(path string) ([]byte, error) {
		f, err := os.Open(path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		data, err := io.ReadAll(io.LimitReader(f, limit+1))
		if err == nil && int64(len(data)) > limit {
			err = &fs.PathError{Op: "read", Path: path, Err: syscall.EFBIG}
		}
		return data, err
	}
}

// homeDir is empty when nobody knows: a daemon's account need not have a home.
func homeDir() string {
	if home, err := os.UserHomeDir(); err == nil {
		return home
	}
	if u, err := user.Current(); err == nil {
		return u.HomeDir
	}
	return ""
}

// FileSystem is a machine whose files are those of fsys, with the root of fsys as "/", and whose environment is empty.
// Tests and embedded servers use it.
func FileSystem(fsys fs.FS, args ...string) Source {
	return Source{
		Prog: "neutron-server", Version: "0", Args: args, Hostname: "localhost",
		HomeDir: "/home/neutron", EtcDir: "/etc", WorkDir: "/",
		LookupEnv: func(string) (string, bool) { return "", false },
		ReadFile:  func(path string) ([]byte, error) { return readFileOf(fsys, inside(path)) },
		ReadDir:   func(path string) ([]fs.DirEntry, error) { return readDirOf(fsys, inside(path)) },
		Exists:    func(path string) bool { _, err := fs.Stat(fsys, inside(path)); return err == nil },
	}
}

// readFileOf and readDirOf tell of what is a directory, and of what is none, as the kernel does.
func readFileOf(fsys fs.FS, path string) ([]byte, error) {
	if info, err := fs.Stat(fsys, path); err == nil && info.IsDir() {
		return nil, &fs.PathError{Op: "read", Path: path, Err: syscall.EISDIR}
	}
	return fs.ReadFile(fsys, path)
}

func readDirOf(fsys fs.FS, path string) ([]fs.DirEntry, error) {
	if info, err := fs.Stat(fsys, path); err == nil && !info.IsDir() {
		return nil, &fs.PathError{Op: "readdir", Path: path, Err: syscall.ENOTDIR}
	}
	return fs.ReadDir(fsys, path)
}

// inside turns an absolute path into one that io/fs accepts.
func inside(path string) string {
	if path = strings.TrimPrefix(filepath.ToSlash(path), "/"); path != "" {
		return path
	}
	return "."
}

// WithEnv returns a copy of the source with these environment variables on top of its own.
func (s Source) WithEnv(env map[string]string) Source {
	env, below := maps.Clone(env), s.LookupEnv
	s.LookupEnv = func(name string) (string, bool) {
		if value, ok := env[name]; ok {
			return value, true
		}
		return below(name)
	}
	return s
}

// searchDirs are the directories configuration is looked for in, best first.
func (s Source) searchDirs() []string {
	var dirs []string
	if s.HomeDir != "" {
		dirs = append(dirs, filepath.Join(s.HomeDir, ".neutron"), s.HomeDir)
	}
	dirs = append(dirs, filepath.Join(s.EtcDir, "neutron"), s.EtcDir)
	for _, variable := range []string{"SNAP_COMMON", "SNAP"} { // of a server that is installed as a snap
		if dir, ok := s.LookupEnv(variable); ok && dir != "" {
			dirs = append(dirs, filepath.Join(dir, "etc", "neutron"))
		}
	}
	return dirs
}

// search returns the first hit of a name in the search directories.
func (s Source) search(name string) (string, bool) {
	for _, dir := range s.searchDirs() {
		if path := filepath.Join(dir, name); s.Exists(path) {
			return path, true
		}
	}
	return "", false
}

// expand replaces ~, if there is a home.
func (s Source) expand(path string) string {
	if s.HomeDir != "" && (path == "~" || strings.HasPrefix(path, "~/")) {
		return s.HomeDir + path[1:]
	}
	return path
}

// abs expands ~, and makes a path absolute.
func (s Source) abs(path string) string {
	path = s.expand(path)
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.WorkDir, path)
	}
	return filepath.Clean(path)
}

// prog is the program's name as configuration files are named after it.
func (s Source) prog() string {
	return strings.TrimSuffix(filepath.Base(s.Prog), ".py")
}

// defaultFiles are the files to read when the command line names none. Both generations of Neutron are served: the
// variables OS_NEUTRON_CONFIG_DIR and OS_NEUTRON_CONFIG_FILES (13.0 and later) when either is set, else the search for
// neutron.conf and <prog>.conf, with the ML2 plugin's file beside neutron.conf.
func (s Source) defaultFiles() []string {
	dir, dirSet := s.LookupEnv("OS_NEUTRON_CONFIG_DIR")
	names, namesSet := s.LookupEnv("OS_NEUTRON_CONFIG_FILES")
	if dirSet || namesSet {
		return s.filesFromEnv(dir, names)
	}
	var files []string
	if path, ok := s.search("neutron.conf"); ok {
		files = append(files, path)
		if ml2 := filepath.Join(filepath.Dir(path), "plugins", "ml2", "ml2_conf.ini"); s.Exists(ml2) {
			files = append(files, ml2)
		}
	}
	if path, ok := s.search(s.prog() + ".conf"); ok && s.prog() != "neutron" {
		files = append(files, path)
	}
	return files
}

func (s Source) filesFromEnv(dir, names string) []string {
	if dir = strings.TrimSpace(dir); dir == "" {
		dir = filepath.Join(s.EtcDir, "neutron")
	}
	var files []string
	for name := range strings.SplitSeq(names, ";") {
		if name = strings.TrimSpace(name); name != "" {
			files = append(files, s.abs(join(dir, name)))
		}
	}
	if files == nil {
		return s.filesFromEnv(dir, "neutron.conf;plugins/ml2/ml2_conf.ini")
	}
	return files
}

// join is filepath.Join, but that an absolute name stands for itself.
func join(dir, name string) string {
	if filepath.IsAbs(name) {
		return name
	}
	return filepath.Join(dir, name)
}

// defaultDirs are the directories to read when the command line names none.
func (s Source) defaultDirs() []string {
	var dirs []string
	for _, name := range []string{"neutron", s.prog()} {
		if path, ok := s.search(name + ".conf.d"); ok && !slices.Contains(dirs, path) {
			dirs = append(dirs, path)
		}
	}
	return dirs
}

// confFiles lists the *.conf files of a directory by name; like a shell's pattern it passes hidden ones over.
func (s Source) confFiles(dir string) ([]string, error) {
	entries, err := s.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var files []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".conf") && !strings.HasPrefix(e.Name(), ".") {
			files = append(files, filepath.Join(dir, e.Name()))
		}
	}
	slices.Sort(files)
	return files, nil
}
