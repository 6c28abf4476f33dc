package store

import (
	"context"
	"errors"
)

// ending is what happens behind a try of a transaction: one of both.
type ending struct {
	commit, rollback func(ctx context.Context)
}

// Behind asks for commit to be called once the transaction is committed, or rollback once it is not: this try has failed, or
// its function has panicked. Either may be nil. They are called on the caller's goroutine, in the order in which they were asked
// for, and without the connection, so that they may run transactions of their own. Their context has the request's values; it
// is not cancelled when the client goes, and conditions on the request's transaction are none on theirs. A transaction of Read
// has them, too.
func (tx *Tx) Behind(commit, rollback func(ctx context.Context)) {
	tx.endings = append(tx.endings, ending{commit, rollback})
}

// ended calls what is behind the transaction.
func (tx *Tx) ended(committed bool) {
	if len(tx.endings) == 0 {
		return
	}
	endings := tx.endings
	tx.endings = nil
	ctx := Detached(tx.request)
	for _, e := range endings {
		fn := e.rollback
		if committed {
			fn = e.commit
		}
		if fn != nil {
			fn(ctx)
		}
	}
}

// Detached returns a context for work on the request's behalf that is not part of it: it ends no earlier than the work, and
// what Ahead, Guard and Inside have put into the request's means nothing in it.
func Detached(ctx context.Context) context.Context {
	ctx = Aside(context.WithoutCancel(ctx))
	if inside(ctx) != nil {
		ctx = context.WithValue(ctx, insideKey{}, (*DB)(nil))
	}
	return ctx
}

type insideKey struct{}

// Inside returns a context for callees that have the transaction: one of their own would wait for this one for ever, and is
// refused instead.
func (tx *Tx) Inside() context.Context {
	return context.WithValue(tx.request, insideKey{}, tx.conn.db)
}

func inside(ctx context.Context) *DB {
	db, _ := ctx.Value(insideKey{}).(*DB)
	return db
}

// checkOutside refuses a transaction inside one of the same database.
func (db *DB) checkOutside(ctx context.Context) error {
	if inside(ctx) == db {
		return errors.New("store: a transaction was begun inside another one, which has to be used instead")
	}
	return nil
}
