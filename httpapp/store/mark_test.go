package store

import (
	"path/filepath"
	"sync"
	"testing"
)

func mark(t *testing.T, db *DB, run ...string) Mark {
	t.Helper()
	var m Mark
	err := db.Write(t.Context(), func(tx *Tx) (err error) {
		if m, err = tx.Mark(); err != nil {
			return err
		}
		for _, text := range run {
			if _, err := tx.Exec(text); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// TestMarksTellOfOtherPrograms: a Mark stays through a database's own transactions, and changes with those of any other.
func TestMarksTellOfOtherPrograms(t *testing.T) {
	t.Parallel()
	url := "sqlite:///" + filepath.Join(t.TempDir(), "neutron.db")
	db, other := open(t, url), open(t, url)
	const insert = `INSERT INTO quotas (id, project_id, resource, "limit") VALUES (hex(randomblob(8)), hex(randomblob(8)), 'r', 1)`
	first := mark(t, db, insert)
	if second := mark(t, db, insert); first != second || first == (Mark{}) {
		t.Errorf("a transaction of the database's own: %v, then %v", first, second)
	}
	mark(t, other, insert)
	if third := mark(t, db); third == first {
		t.Errorf("somebody else's transaction went unnoticed: %v", third)
	}
}

func TestSharedValuesAreMadeOnce(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite:///"+filepath.Join(t.TempDir(), "neutron.db"))
	type key struct{}
	var mu sync.Mutex
	seen := make(map[any]bool) // guarded by mu
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			err := db.Read(t.Context(), func(tx *Tx) error {
				v := tx.Shared(key{}, func() any { return new(int) })
				mu.Lock()
				defer mu.Unlock()
				seen[v] = true
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if len(seen) != 1 {
		t.Errorf("%d values under one key", len(seen))
	}
}

// TestTheTraceHearsEveryStatement: in order, with what begins and ends a transaction, and with the arguments.
func TestTheTraceHearsEveryStatement(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var heard []string // guarded by mu
	db, err := Open(t.Context(), Options{URL: "sqlite://", Trace: func(text string, args []any) {
		mu.Lock()
		defer mu.Unlock()
		if len(args) == 1 {
			text += " " + args[0].(string)
		}
		heard = append(heard, text)
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	mu.Lock()
	heard = nil
	mu.Unlock()
	err = db.Write(t.Context(), func(tx *Tx) error {
		var s string
		if err := tx.Get("SELECT ?", []any{"a"}, &s); err != nil {
			return err
		}
		_, err := tx.Exec("DELETE FROM quotas WHERE id = ?", "b")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	mu.Lock()
	defer mu.Unlock()
	want := []string{"BEGIN IMMEDIATE", "SELECT ? a", "DELETE FROM quotas WHERE id = ? b", "COMMIT"}
	if len(heard) != len(want) {
		t.Fatalf("heard %q, want %q", heard, want)
	}
	for i := range want {
		if heard[i] != want[i] {
			t.Errorf("heard %q, want %q", heard[i], want[i])
		}
	}
}
