package quota

import (
	"context"
	"fmt"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// ReservationTimeout is how long a reservation holds after it was made, and how long an expired one is kept before it is
// removed.
const ReservationTimeout = 120 * time.Second

// The amounts of a reservation go with it, by cascade.
const deleteExpired = `DELETE FROM reservations WHERE expiration < ?`

// RemoveExpired removes the reservations of all projects that expired at least ReservationTimeout before now, and returns
// how many they were. They count for nobody any more: this is so that they do not pile up.
func RemoveExpired(ctx context.Context, db *store.DB, now time.Time) (int64, error) {
	before := store.FormatTime(now.Add(-ReservationTimeout))
	var removed int64
	err := db.Write(ctx, func(tx *store.Tx) (err error) {
		removed, err = tx.Exec(deleteExpired, before)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("remove expired reservations: %w", err)
	}
	return removed, nil
}
