package store

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	sqlite3 "modernc.org/sqlite/lib"
)

// busy is a fault of the first n commits: another process has the lock.
func busy(n int32) func(string) error {
	var tries atomic.Int32
	return func(text string) error {
		if text == "COMMIT" && tries.Add(1) <= n {
			return &directError{code: sqlite3.SQLITE_BUSY, text: "database is locked"}
		}
		return nil
	}
}

func faulty(t *testing.T) (*DB, func(func(string) error)) {
	t.Helper()
	var fault atomic.Value
	fault.Store(func(string) error { return nil })
	db, err := Open(t.Context(), Options{URL: fileURL(t), Fault: func(text string) error { return fault.Load().(func(string) error)(text) }})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db, func(f func(string) error) { fault.Store(f) }
}

// TestWhatIsBehindComesOnceBehindTheCommit: a try that fails is told so, the one that is committed is, and what runs there has a
// transaction of its own which sees the rows.
func TestWhatIsBehindComesOnceBehindTheCommit(t *testing.T) {
	t.Parallel()
	db, fail := faulty(t)
	fail(busy(1))
	var log []string
	ctx, cancel := context.WithCancel(t.Context())
	err := db.Write(ctx, func(tx *Tx) error {
		log = append(log, "try")
		for _, name := range []string{"a", "b"} {
			tx.Behind(func(ctx context.Context) {
				log = append(log, "commit "+name)
				if err := db.Write(ctx, func(*Tx) error { return nil }); err != nil || quota(t, db) != 1 {
					t.Errorf("behind the commit: %v, %d rows", err, quota(t, db))
				}
			}, func(context.Context) { log = append(log, "rollback "+name) })
		}
		tx.Behind(nil, nil)
		if len(log) > 1 {
			tx.Behind(func(context.Context) { cancel() }, nil)
		}
		_, err := tx.Exec(insertQuota, "a", "network")
		return err
	})
	want := []string{"try", "rollback a", "rollback b", "try", "commit a", "commit b"}
	if err != nil || !slices.Equal(log, want) {
		t.Errorf("got %v %v, want %v", err, log, want)
	}
}

func TestWhatIsBehindAFailureIsToldSo(t *testing.T) {
	t.Parallel()
	db, fail := faulty(t)
	count := func(fn func(*Tx) error) (commits, rollbacks int) {
		defer func() { _ = recover() }()
		_ = db.Write(t.Context(), func(tx *Tx) error {
			tx.Behind(func(context.Context) { commits++ }, func(context.Context) { rollbacks++ })
			if _, err := tx.Exec(insertQuota, "x", "network"); err != nil {
				return err
			}
			return fn(tx)
		})
		return commits, rollbacks
	}
	check := func(name string, fn func(*Tx) error) {
		if c, r := count(fn); c != 0 || r != 1 {
			t.Errorf("%s: got %d commits, %d rollbacks", name, c, r)
		}
		if n := quota(t, db); n != 0 {
			t.Errorf("%s: %d rows left", name, n)
		}
	}
	check("error", func(*Tx) error { return errors.New("no") })
	check("panic", func(*Tx) error { panic("no") })
	var once atomic.Bool
	fail(func(text string) error {
		if text == "COMMIT" && once.CompareAndSwap(false, true) {
			return &directError{code: sqlite3.SQLITE_FULL, text: "disk full"}
		}
		return nil
	})
	check("commit", func(*Tx) error { return nil })
}

// TestATransactionInsideAnotherIsRefused instead of waiting for it for ever; work behind it is not inside.
func TestATransactionInsideAnotherIsRefused(t *testing.T) {
	t.Parallel()
	for _, url := range []string{fileURL(t), "sqlite://"} {
		db, err := Open(t.Context(), Options{URL: url})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = db.Close() })
		var inner, read, behind error
		err = db.Write(Guard(t.Context(), func(*Tx) error { return nil }), func(tx *Tx) error {
			ctx := tx.Inside()
			inner = db.Write(ctx, func(*Tx) error { return nil })
			read = db.Read(ctx, func(*Tx) error { return nil })
			tx.Behind(func(ctx context.Context) { behind = db.Write(ctx, func(*Tx) error { return nil }) }, nil)
			return nil
		})
		if err != nil || behind != nil || inner == nil || !strings.Contains(inner.Error(), "inside another one") {
			t.Errorf("%s: got %v, inside %v, behind %v", url, err, inner, behind)
		}
		if refused := read != nil; refused != (url == "sqlite://") {
			t.Errorf("%s: a read of it: %v", url, read)
		}
		if err := db.Write(Detached(context.WithValue(t.Context(), insideKey{}, db)), func(*Tx) error { return nil }); err != nil {
			t.Error(err)
		}
	}
}
