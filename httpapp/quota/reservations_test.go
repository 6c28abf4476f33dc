package quota_test

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestExpiredReservationsAreRemovedAfterTwoMinutes, with their amounts; those that hold, expired just now, or never
// expire stay.
func TestExpiredReservationsAreRemovedAfterTwoMinutes(t *testing.T) {
	t.Parallel()
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db")})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 11, 22, 8, 4, 23, 0, time.UTC)
	if err := db.Write(t.Context(), func(tx *store.Tx) error {
		for id, expires := range map[string]any{
			"a-long-ago": store.FormatTime(now.Add(-time.Hour)), "b-just-over": store.FormatTime(now.Add(-121 * time.Second)),
			"c-just-not": store.FormatTime(now.Add(-120 * time.Second)), "d-holds": store.FormatTime(now.Add(time.Second)),
			"e-for-ever": nil,
		} {
			if _, err := tx.Exec(`INSERT INTO reservations (id, project_id, expiration) VALUES (?, 'p', ?)`, id, expires); err != nil {
				return err
			}
			if _, err := tx.Exec(`INSERT INTO resourcedeltas (resource, reservation_id, amount) VALUES ('port', ?, 1)`, id); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	for _, want := range []int64{2, 0} {
		if got, err := quota.RemoveExpired(t.Context(), db, now); got != want || err != nil {
			t.Errorf("removed %d, %v, want %d", got, err, want)
		}
	}
	var left, amounts []string
	if err := db.Read(t.Context(), func(tx *store.Tx) (err error) {
		if left, err = tx.Strings(`SELECT id FROM reservations ORDER BY id`); err != nil {
			return err
		}
		amounts, err = tx.Strings(`SELECT reservation_id FROM resourcedeltas ORDER BY reservation_id`)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"c-just-not", "d-holds", "e-for-ever"}
	if diff := cmp.Diff([][]string{want, want}, [][]string{left, amounts}); diff != "" {
		t.Errorf("-want +got\n%s", diff)
	}
	if err := db.Close(); err != nil {
		t.Error(err)
	}
	if _, err := quota.RemoveExpired(context.Background(), db, now); neutron.KindOf(err) != neutron.Unavailable {
		t.Errorf("without database: %v", err)
	}
}
