package store

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
)

// TestAGuardIsCheckedOnceBetweenTheDomainsChecksAndItsChange watches the order of what a guarded transaction does.
func TestAGuardIsCheckedOnceBetweenTheDomainsChecksAndItsChange(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	var steps []string
	ctx := Guard(context.Background(), func(*Tx) error {
		steps = append(steps, "guard")
		return nil
	})
	write := func(tx *Tx) error {
		steps = append(steps, "domain")
		_, err := tx.Exec(insertQuota, len(steps), fmt.Sprint(len(steps)))
		steps = append(steps, "changed")
		return err
	}
	for range 2 {
		if err := db.Write(ctx, write); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"domain", "guard", "changed", "domain", "changed"}
	if !slices.Equal(steps, want) {
		t.Errorf("got %v, want %v", steps, want)
	}
}

func TestAGuardThatFailsUndoesNothingButRefusesAll(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	refusal, own := errors.New("another revision"), errors.New("not found")
	ctx := Guard(context.Background(), func(*Tx) error { return refusal })
	if err := db.Read(ctx, func(*Tx) error { return nil }); err != nil {
		t.Errorf("a read: got %v", err)
	}
	for name, c := range map[string]struct {
		fn   func(*Tx) error
		want error
	}{
		"a change":          {func(tx *Tx) error { _, err := tx.Exec(insertQuota, 1, "r"); return err }, refusal},
		"nothing to change": {func(*Tx) error { return nil }, refusal},
		"its own refusal":   {func(*Tx) error { return own }, own},
	} {
		if err := db.Write(ctx, c.fn); !errors.Is(err, c.want) {
			t.Errorf("%s: got %v, want %v", name, err, c.want)
		}
	}
	if n := quota(t, db); n != 0 {
		t.Errorf("got %d rows, want none", n)
	}
}
