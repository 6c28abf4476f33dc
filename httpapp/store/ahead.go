package store

import "context"

// ahead is what the first write transaction of a request begins with.
type ahead struct {
	fn   func(*Tx) error
	done bool
}

type aheadKey struct{}

// Ahead returns a context whose first write transaction begins with fn, and fails when fn does. It is for what must hold in
// the very transaction that somebody else is about to run, such as a limit on the rows that it will insert. Tries of the
// transaction run it again; transactions after the first that is committed do not. The context serves one goroutine.
func Ahead(ctx context.Context, fn func(*Tx) error) context.Context {
	return context.WithValue(ctx, aheadKey{}, &ahead{fn: fn})
}

// Aside returns a context for transactions beside the one that Ahead and Guard are meant for: those that are run earlier or
// later, and leave it alone.
func Aside(ctx context.Context) context.Context {
	if a, _ := ctx.Value(aheadKey{}).(*ahead); a != nil {
		ctx = context.WithValue(ctx, aheadKey{}, (*ahead)(nil))
	}
	if guardOf(ctx) != nil {
		ctx = context.WithValue(ctx, guardKey{}, (*guard)(nil))
	}
	return ctx
}

// before puts what the context has ahead in front of fn. The caller reports the commit to the result, nil for nothing.
func before(ctx context.Context, fn func(*Tx) error) (*ahead, func(*Tx) error) {
	a, _ := ctx.Value(aheadKey{}).(*ahead)
	if a == nil || a.done {
		return nil, fn
	}
	return a, func(tx *Tx) error {
		if err := a.fn(tx); err != nil {
			return err
		}
		return fn(tx)
	}
}

func (a *ahead) committed() {
	if a != nil {
		a.done = true
	}
}
