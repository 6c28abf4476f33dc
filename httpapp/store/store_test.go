package store

import (
	"context"
	"database/sql"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// fileURL is the connection URL of a database file in a folder of the test's own.
func fileURL(t *testing.T) string {
	t.Helper()
	return "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")
}

func open(t *testing.T, url string) *DB {
	t.Helper()
	db, err := Open(context.Background(), Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db
}

func quota(t *testing.T, db *DB) int {
	t.Helper()
	var n int
	err := db.Read(context.Background(), func(tx *Tx) error { return tx.Get("SELECT count(*) FROM quotas", nil, &n) })
	if err != nil {
		t.Fatal(err)
	}
	return n
}

const insertQuota = `INSERT INTO quotas (id, project_id, resource, "limit") VALUES (?, 'p', ?, 1)`

func TestOpenCreatesTheSchemaOnce(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	for range 2 {
		db, err := Open(context.Background(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		var heads []string
		err = db.Read(context.Background(), func(tx *Tx) (err error) {
			heads, err = tx.Strings("SELECT version_num FROM alembic_version ORDER BY version_num")
			return err
		})
		if got, want := strings.Join(heads, " "), strings.Join(Heads(), " "); err != nil || got != want {
			t.Errorf("heads %q, want %q (%v)", got, want, err)
		}
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// The store keeper tries again and again while a database cannot be used.
func TestOpenThatFailsLeavesNoFileOpen(t *testing.T) {
	url := fileURL(t)
	path := strings.TrimPrefix(url, "sqlite:///")
	db := open(t, url)
	err := db.Write(t.Context(), func(tx *Tx) error {
		_, err := tx.Exec("DELETE FROM alembic_version")
		return err
	})
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := Open(t.Context(), Options{URL: url}); err == nil {
			t.Fatal("opened a database without heads")
		}
	}
	fds, err := filepath.Glob("/proc/self/fd/*")
	if err != nil {
		t.Fatal(err)
	}
	for _, fd := range fds {
		if target, err := os.Readlink(fd); err == nil && strings.HasPrefix(target, path) {
			t.Errorf("%s is still open", target)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	write := func(name, text string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	other := filepath.Join(dir, "other.sqlite")
	db := open(t, "sqlite:///"+other)
	err := db.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec("UPDATE alembic_version SET version_num = 'aaaa' WHERE version_num = ?", Heads()[0])
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct{ name, url, want string }{
		{"another engine", "mysql+pymysql://u:secret@h/neutron", `scheme "mysql+pymysql" is not built in yet`},
		{"a host", "sqlite://host/x", "has a host"},
		{"no folder", "sqlite:///" + filepath.Join(dir, "none", "x.sqlite"), filepath.Join(dir, "none", "x.sqlite")},
		{"not a database", "sqlite:///" + write("text", strings.Repeat("no database ", 100)), "file is not a database"},
		{"another release", "sqlite:///" + other, "the schema is at aaaa, b1bca967e19d, this program needs"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			db, err := Open(context.Background(), Options{URL: c.url})
			if err == nil {
				t.Fatal(errors.Join(errors.New("opened"), db.Close()))
			}
			if !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "secret") {
				t.Errorf("got %q, want it to contain %q and no password", err, c.want)
			}
		})
	}
}

func TestWriteLeavesNothingBehind(t *testing.T) {
	t.Parallel()
	for _, url := range []string{fileURL(t), "sqlite://"} {
		db := open(t, url)
		boom := errors.New("boom")
		err := db.Write(context.Background(), func(tx *Tx) error {
			if _, err := tx.Exec(insertQuota, "1", "network"); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Errorf("got %v, want %v", err, boom)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Write(context.Background(), func(tx *Tx) error {
				if _, err := tx.Exec(insertQuota, "2", "network"); err != nil {
					return err
				}
				panic("boom")
			})
		}()
		ctx, cancel := context.WithCancel(context.Background())
		err = db.Write(ctx, func(tx *Tx) error {
			if _, err := tx.Exec(insertQuota, "3", "network"); err != nil {
				return err
			}
			cancel()
			_, err := tx.Exec(insertQuota, "4", "port")
			return err
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want %v", err, context.Canceled)
		}
		if n := quota(t, db); n != 0 {
			t.Errorf("%d rows left behind in %s", n, url)
		}
	}
}

func TestConcurrentWritesAreSerial(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	if err := db.Write(context.Background(), func(tx *Tx) error {
		_, err := tx.Exec(`INSERT INTO quotas (id, project_id, resource, "limit") VALUES ('1', 'p', 'r', 0)`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	const writers, each = 8, 50
	var wg sync.WaitGroup
	for range writers {
		wg.Go(func() {
			for range each {
				err := db.Write(context.Background(), func(tx *Tx) error {
					var n int
					if err := tx.Get(`SELECT "limit" FROM quotas WHERE id = '1'`, nil, &n); err != nil {
						return err
					}
					_, err := tx.Exec(`UPDATE quotas SET "limit" = ? WHERE id = '1'`, n+1)
					return err
				})
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	var n int
	err := db.Read(context.Background(), func(tx *Tx) error {
		return tx.Get(`SELECT "limit" FROM quotas WHERE id = '1'`, nil, &n)
	})
	if err != nil || n != writers*each {
		t.Errorf("got %d (%v), want %d", n, err, writers*each)
	}
}

func TestDuplicateAndNoRows(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	err := db.Write(context.Background(), func(tx *Tx) error {
		if _, err := tx.Exec(insertQuota, "1", "network"); err != nil {
			return err
		}
		_, err := tx.Exec(insertQuota, "1", "port")
		return err
	})
	if !Duplicate(err) {
		t.Errorf("%v is not recognised as a duplicate", err)
	}
	err = db.Read(context.Background(), func(tx *Tx) error {
		var s string
		return tx.Get("SELECT id FROM quotas", nil, &s)
	})
	if !IsNoRows(err) || !errors.Is(err, sql.ErrNoRows) {
		t.Errorf("got %v, want no rows", err)
	}
}

func TestAClosedDatabaseIsUnavailable(t *testing.T) {
	t.Parallel()
	db, err := Open(context.Background(), Options{URL: fileURL(t)})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := db.Close(); err != nil {
			t.Fatal(err)
		}
	}
	if kind := neutron.KindOf(db.Ping(context.Background())); kind != neutron.Unavailable {
		t.Errorf("got kind %d, want Unavailable", kind)
	}
}

func TestAnotherProcessesLockIsWaitedFor(t *testing.T) {
	t.Parallel()
	url := fileURL(t)
	db, rival := open(t, url), open(t, url)
	held, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := rival.Write(context.Background(), func(tx *Tx) error {
			close(held)
			<-release
			_, err := tx.Exec(insertQuota, "1", "network")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	<-held
	wg.Go(func() {
		err := db.Write(context.Background(), func(tx *Tx) error {
			_, err := tx.Exec(insertQuota, "2", "port")
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
	if n := quota(t, db); n != 0 { // readers do not wait
		t.Errorf("%d rows before the commit", n)
	}
	close(release)
	wg.Wait()
	if n := quota(t, db); n != 2 {
		t.Errorf("%d rows, want 2", n)
	}
}

// TestOpenDoesNotWaitForWriters opens a database that somebody else is writing to.
func TestOpenDoesNotWaitForWriters(t *testing.T) {
	t.Parallel()
	o := Options{URL: fileURL(t), BusyTimeout: time.Millisecond}
	first, err := Open(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer first.Close()
	err = first.Write(context.Background(), func(*Tx) error {
		second, err := Open(context.Background(), o)
		if err != nil {
			return err
		}
		return second.Close()
	})
	if err != nil {
		t.Error(err)
	}
}
