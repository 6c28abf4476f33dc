// Package neutrontest starts a whole server inside a Go test: in memory, on a free port, without a broker, Docker or
// Keystone, beside as many others as a test wants.
//
//	n := neutrontest.Start(t, neutrontest.Options{})
//	response, err := http.Get(n.URL + "/v2.0/networks")
//
// The server is the real one, started as the command starts it, from configuration text. Start stops it when the test
// ends and fails the test when that is not clean.
package neutrontest

import (
	"cmp"
	"context"
	"fmt"
	"io/fs"
	"net/http"
	"strings"
	"sync"
	"testing/fstest"
	"time"

	"github.com/seed-a8f20362/hadron/actors/callbacks"
	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/supervisor"
	"github.com/seed-a8f20362/hadron/supervisor/logging"
)

// Options are what a test may want to be different. The zero value is an empty server with its database in memory.
type Options struct {
	// Config is neutron.conf text on top of the default configuration: later values win.
	Config string
	// Files are further files below /etc/neutron, or replacements: "api-paste.ini", "neutron.conf.d/x.conf".
	Files map[string]string
	// Database is a connection URL; empty is a database in memory.
	Database string
	// Log is where to log to; Start logs through the test, New drops.
	Log *logging.Log
	// Now is the clock of what is stored.
	Now func() time.Time
	// Subscribe, when set, is called before anything starts, for hooks at BEFORE_SPAWN, AFTER_INIT and AFTER_SPAWN.
	Subscribe func(*callbacks.Process) error
	// Program is the command that the server is started as; empty is neutron-server. neutron-rpc-server has no API, and URL is
	// empty then.
	Program string
	// Frameworks and Wrap replace a front controller or wrap it, to inject faults.
	Frameworks map[string]httpapp.Front
	Wrap       func(http.Handler) http.Handler
}

// Server is a running server.
type Server struct {
	*supervisor.Server
	// URL is the server's address, such as http://127.0.0.1:41234.
	URL string

	files files
}

// TB is what Start needs of a *testing.T.
type TB interface {
	logging.TB
	Helper()
	Errorf(format string, args ...any)
}

// Start starts a server that ends with the test.
func Start(t TB, o Options) *Server {
	t.Helper()
	if o.Log == nil {
		o.Log = logging.ForTest(t)
	}
	s, err := New(context.Background(), o)
	if err != nil {
		t.Fatalf("neutrontest: %v", err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Errorf("neutrontest: stop: %v", err)
		}
	})
	return s
}

// quiet is the configuration of the harness: a free port on loopback, a short drain, and no log but the one given.
const quiet = `
[DEFAULT]
bind_host = 127.0.0.1
bind_port = 0
graceful_shutdown_timeout = 10
[hadron]
admin_socket =
`

// New starts a server for whoever has no testing.T; Stop ends it.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.Log == nil {
		o.Log = logging.Discard()
	}
	if o.Database == "" {
		o.Database = "sqlite://"
	}
	s := &Server{files: files{named: fstest.MapFS{}}}
	if err := s.lay(o); err != nil {
		return nil, err
	}
	source := conf.FileSystem(&s.files)
	source.Prog = cmp.Or(o.Program, source.Prog)
	server, err := supervisor.Boot(ctx, supervisor.Options{
		Source: source, Log: o.Log, Now: o.Now, Frameworks: o.Frameworks, Wrap: o.Wrap, Subscribe: o.Subscribe,
	})
	if err != nil {
		return nil, err
	}
	s.Server = server
	if a := server.Addr(); a != nil {
		s.URL = "http://" + a.String()
	}
	return s, nil
}

// lay makes the /etc/neutron of this server.
func (s *Server) lay(o Options) error {
	defaults := etc.Files()
	err := fs.WalkDir(defaults, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := fs.ReadFile(defaults, path)
		s.SetFile(path, string(data))
		return err
	})
	if err != nil {
		return fmt.Errorf("neutrontest: default configuration: %w", err)
	}
	for path, text := range o.Files {
		s.SetFile(path, text)
	}
	s.SetFile("neutron.conf.d/00-harness.conf", quiet+"\n[database]\nconnection = "+o.Database+"\n")
	s.SetConfig(o.Config)
	return nil
}

// SetConfig replaces the text of Options.Config, for the next reload.
func (s *Server) SetConfig(text string) {
	if !strings.HasPrefix(strings.TrimSpace(text), "[") {
		text = "[DEFAULT]\n" + text
	}
	s.SetFile("neutron.conf.d/50-test.conf", text)
}

// SetFile replaces a file below /etc/neutron, for the next reload.
func (s *Server) SetFile(path, text string) {
	s.files.mu.Lock()
	defer s.files.mu.Unlock()
	s.files.named["etc/neutron/"+path] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
}

// files is the file system that a server is configured from. A server looks at its policy files whenever it likes.
type files struct {
	mu    sync.Mutex // guards named, but not what it points to, which never changes
	named fstest.MapFS
}

// Open implements fs.FS.
func (f *files) Open(name string) (fs.File, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.named.Open(name)
}
