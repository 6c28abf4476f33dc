package store

import (
	"context"
	"time"
)

// A commit appends to the write-ahead log; a checkpoint copies the log into the database file, and only a log that is
// copied in full starts from its beginning again. SQLite lets the commit that passes autoCheckpoint pages do that, and
// everybody who waits for the writer waits for it. So a connection of its own copies behind the writer's back, and what is
// left to such a commit is what was written since.
const (
	autoCheckpoint  = 16_000 // pages, of 4 KiB: the log's usual greatest size is 64 MiB
	checkpointEvery = 20 * time.Millisecond
)

// wrote tells the checkpoints that there is something new. Only a database in a file has them.
func (db *DB) wrote() {
	select {
	case db.written <- struct{}{}:
	default:
	}
}

// checkpoints runs until the database is closed.
func (db *DB) checkpoints(c *conn) {
	defer close(db.checkpointed)
	pause := time.NewTimer(0)
	defer pause.Stop()
	for {
		select {
		case <-db.closed:
			return
		case <-db.written:
		}
		pause.Reset(checkpointEvery)
		select {
		case <-db.closed:
			return
		case <-pause.C:
		}
		// It never waits for a lock. A failure is not lost: the writer's next commits meet the same disk.
		_, _ = c.exec(context.Background(), "PRAGMA wal_checkpoint(PASSIVE)")
	}
}
