package main

import (
	"context"
	"database/sql"
	"path/filepath"
	"reflect"
	"testing"
)

// TestReplaysMakeNewRows replays the recording of a create often: every replay makes a port of its own, whose standard
// attribute is the one it has made.
func TestReplaysMakeNewRows(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "db")
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	for _, text := range []string{
		`CREATE TABLE standardattributes (id INTEGER PRIMARY KEY, kind TEXT)`,
		`CREATE TABLE ports (id TEXT PRIMARY KEY, mac TEXT UNIQUE, ip TEXT UNIQUE, standard_attr_id INTEGER UNIQUE REFERENCES standardattributes (id))`,
	} {
		if _, err := db.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	const id = "01234567-89ab-4def-8123-456789abcdef"
	rec := recording{novel: []string{id}, body: []byte(`{"port": {"mac_address": "fa:16:3e:00:00:01", "fixed_ips": [{"ip_address": "10.0.0.5"}]}}`),
		statements: []statement{
			{text: "BEGIN IMMEDIATE"},
			{text: "INSERT INTO standardattributes (kind) VALUES (?)", args: []any{"ports"}},
			{text: "INSERT INTO ports (id, mac, ip, standard_attr_id) VALUES (?, ?, ?, ?)", args: []any{id, "fa:16:3e:00:00:01", "10.0.0.5", int64(77)}},
			{text: "SELECT * FROM ports WHERE id = ?", args: []any{id}},
			{text: "COMMIT"},
		}}
	p, err := newReplayer(t.Context(), &mirror{path: path}, rec)
	if err != nil {
		t.Fatal(err)
	}
	const times = 20
	for range times {
		if err := p.run(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	if err := p.close(); err != nil {
		t.Fatal(err)
	}
	var ports, recorded int
	err = db.QueryRowContext(t.Context(), `SELECT count(*), sum(p.id = ? OR p.ip = '10.0.0.5' OR s.id = 77) FROM ports p
		JOIN standardattributes s ON s.id = p.standard_attr_id`, id).Scan(&ports, &recorded)
	if err != nil || ports != times || recorded != 0 {
		t.Errorf("%d ports, %d with recorded values, %v; want %d and none", ports, recorded, err, times)
	}
}

// TestReplaysThatCannotWorkFail: a floor that does less than the server is none.
func TestReplaysThatCannotWorkFail(t *testing.T) {
	t.Parallel()
	rec := recording{statements: []statement{{text: "BEGIN IMMEDIATE"}, {text: "CREATE TABLE t (x)"}}, body: []byte(`{"network": {}}`)}
	if _, err := newReplayer(t.Context(), &mirror{path: filepath.Join(t.TempDir(), "db")}, rec); err == nil {
		t.Error("a recording of a write that made no port was accepted")
	}
	rec = recording{statements: []statement{{text: "SELECT abs(?)", args: []any{int64(-1 << 63)}}}}
	p, err := newReplayer(t.Context(), &mirror{path: filepath.Join(t.TempDir(), "db")}, rec)
	if err != nil {
		t.Fatal(err)
	}
	if err := p.run(context.Background()); err == nil {
		t.Error("an overflow was not noticed")
	}
	if err := p.close(); err != nil {
		t.Error(err)
	}
}

func TestIDsAreFound(t *testing.T) {
	t.Parallel()
	const id = "01234567-89ab-4def-8123-456789abcdef"
	rec := recording{statements: []statement{{args: []any{id, 7, "x", "0123456789abcdef0123456789abcdef01234"}}, {args: []any{id}}}}
	var got []string
	for found := range rec.ids() {
		got = append(got, found)
	}
	if !reflect.DeepEqual(got, []string{id, id}) {
		t.Errorf("got %q", got)
	}
}
