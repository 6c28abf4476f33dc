package store

import (
	"context"
	"errors"
	"testing"
)

// TestWhatIsAheadIsPartOfTheFirstTransaction: its error undoes the transaction, its rows are there with those of the
// transaction, and once one is committed, it is over.
func TestWhatIsAheadIsPartOfTheFirstTransaction(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	refusal := errors.New("not today")
	var runs int
	var refused error
	ctx := Ahead(context.Background(), func(tx *Tx) error {
		runs++
		if _, err := tx.Exec(insertQuota, "ahead", "network"); err != nil {
			return err
		}
		return refused
	})
	write := func(id, resource string) error {
		return db.Write(ctx, func(tx *Tx) error {
			_, err := tx.Exec(insertQuota, id, resource)
			return err
		})
	}
	refused = refusal
	if err := write("a", "subnet"); !errors.Is(err, refusal) {
		t.Errorf("got %v, want the refusal", err)
	}
	if n := quota(t, db); n != 0 {
		t.Errorf("%d rows of a transaction that was refused", n)
	}
	refused = nil
	if err := db.Write(Aside(ctx), func(*Tx) error { return nil }); err != nil || runs != 1 {
		t.Errorf("a transaction beside it: %v, %d runs", err, runs)
	}
	if plain := context.Background(); Aside(plain) != plain {
		t.Error("a context was made for nothing")
	}
	if err := write("b", "network"); err == nil {
		t.Error("the transaction did not see the row that was ahead of it")
	}
	for i, resource := range []string{"subnet", "port"} {
		if err := write(resource, resource); err != nil {
			t.Error(err)
		}
		if n, want := quota(t, db), 2+i; n != want {
			t.Errorf("got %d rows, want %d", n, want)
		}
	}
	if runs != 3 {
		t.Errorf("it ran %d times, want once each for what failed, what failed later and what was committed", runs)
	}
	if err := db.Read(ctx, func(tx *Tx) error { return nil }); err != nil || runs != 3 {
		t.Errorf("a read: %v, %d runs", err, runs)
	}
}
