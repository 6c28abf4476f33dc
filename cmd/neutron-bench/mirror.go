package main

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/google/uuid"
	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// mirror is the server's application in this process, on a copy of the server's database: it tells which statements a
// request costs.
type mirror struct {
	path string
	db   *store.DB
	app  http.Handler
	// serial numbers the ports that replays make in this database.
	serial atomic.Int64

	mu     sync.Mutex
	traced []statement // guarded by mu
}

// statement is one statement with its arguments.
type statement struct {
	text string
	args []any
}

// isQuery reports whether the statement has rows.
func (s *statement) isQuery() bool {
	return slices.ContainsFunc([]string{"SELECT", "WITH", "PRAGMA"}, func(word string) bool { return strings.HasPrefix(s.text, word) })
}

// recording is what one request costs and what it gets.
type recording struct {
	statements []statement
	status     int
	body       []byte
	// novel are the ids that no other request before had: every replay needs others.
	novel []string
}

// mirror copies the database of a running server and builds its application on the copy.
func (s *server) mirror(ctx context.Context, name string) (*mirror, error) {
	m := &mirror{path: filepath.Join(s.dir, name+".sqlite")}
	if err := s.copyDatabase(ctx, m.path); err != nil {
		return nil, fmt.Errorf("copy the database: %w", err)
	}
	var err error
	if m.db, err = store.Open(ctx, store.Options{URL: "sqlite:///" + m.path, Trace: m.trace}); err != nil {
		return nil, err
	}
	if err := m.build(s.arguments()); err != nil {
		return nil, errors.Join(err, m.db.Close())
	}
	return m, nil
}

// copyDatabase makes a copy while the server goes on.
func (s *server) copyDatabase(ctx context.Context, path string) error {
	db, err := sql.Open("sqlite", "file:"+filepath.Join(s.dir, "neutron.sqlite")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, `VACUUM INTO ?`, path)
	return errors.Join(err, db.Close())
}

func (m *mirror) build(args []string) error {
	source, err := conf.System("neutron-server", "bench", args)
	if err != nil {
		return err
	}
	snapshot, err := conf.Load(source)
	if err != nil {
		return err
	}
	name := snapshot.Text(conf.APIPasteConfig)
	file, ok := snapshot.FindFile(name)
	if !ok {
		return fmt.Errorf("no file %s", name)
	}
	d, err := paste.Load(file, paste.Options{App: "neutron", AuthStrategy: snapshot.Text(conf.AuthStrategy), ReadFile: snapshot.ReadFile})
	if err != nil {
		return err
	}
	m.app, err = httpapp.New(snapshot, d, snapshot.Text(conf.WebFramework), httpapp.Options{
		DB: m.db, Logger: func(string) zerolog.Logger { return zerolog.Nop() },
	})
	return err
}

// trace remembers what requests cost; checkpoints come by themselves.
func (m *mirror) trace(text string, args []any) {
	if strings.HasPrefix(text, "PRAGMA wal_checkpoint") {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.traced = append(m.traced, statement{text: text, args: slices.Clone(args)})
}

// record runs the request a few times and returns what the last one did: the first ones fill what the server remembers.
func (m *mirror) record(r request) (recording, error) {
	known := make(map[string]bool)
	for i := 0; ; i++ {
		rec := m.once(r)
		if rec.status >= http.StatusBadRequest {
			return rec, fmt.Errorf("record %s %s: status %d: %s", r.method, r.path, rec.status, rec.body)
		}
		for id := range rec.ids() {
			if !known[id] {
				rec.novel = append(rec.novel, id)
				known[id] = true
			}
		}
		if i == 2 {
			return rec, nil
		}
	}
}

func (m *mirror) once(r request) recording {
	m.mu.Lock()
	m.traced = nil
	m.mu.Unlock()
	w := httptest.NewRecorder()
	m.app.ServeHTTP(w, httptest.NewRequest(r.method, r.path, bytes.NewReader(r.body)))
	m.mu.Lock()
	defer m.mu.Unlock()
	return recording{statements: m.traced, status: w.Code, body: w.Body.Bytes()}
}

// ids are the UUIDs among the arguments of the statements.
func (r *recording) ids() iter.Seq[string] {
	return func(yield func(string) bool) {
		for i := range r.statements {
			for _, a := range r.statements[i].args {
				if id, ok := a.(string); ok && len(id) == 36 && uuid.Validate(id) == nil && !yield(id) {
					return
				}
			}
		}
	}
}

func (m *mirror) close() error { return m.db.Close() }
