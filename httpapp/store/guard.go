package store

import "context"

// guard is a condition on the first transaction that writes for one request.
type guard struct {
	check func(*Tx) error
	// kept is true once a transaction has found the condition met and was committed.
	kept bool
}

type guardKey struct{}

// Guard returns a context whose first Write calls check before its first statement that changes anything, or behind its
// function when that changes nothing: what the function itself refuses comes first, as in Neutron, and nothing comes
// between the check and the change. An error of check fails the transaction. Later Writes of the same context are free.
func Guard(ctx context.Context, check func(*Tx) error) context.Context {
	return context.WithValue(ctx, guardKey{}, &guard{check: check})
}

func guardOf(ctx context.Context) *guard {
	g, _ := ctx.Value(guardKey{}).(*guard)
	if g == nil || g.kept {
		return nil
	}
	return g
}

// around is fn under the guard.
func (g *guard) around(fn func(*Tx) error) func(*Tx) error {
	if g == nil {
		return fn
	}
	return func(tx *Tx) error {
		tx.guard = g
		if err := fn(tx); err != nil {
			return err
		}
		return tx.keep()
	}
}

// done frees the transactions that follow.
func (g *guard) done() {
	if g != nil {
		g.kept = true
	}
}

// keep checks the guard's condition once.
func (tx *Tx) keep() error {
	g := tx.guard
	if g == nil {
		return nil
	}
	tx.guard = nil
	return g.check(tx)
}
