package authtoken

import (
	"context"
	"errors"
	"sync"
)

// flights makes one call of what many ask for at the same time. It is safe for concurrent use.
type flights[K comparable, V any] struct {
	mu    sync.Mutex // guards calls, and is never held during one
	calls map[K]*call[V]
}

type call[V any] struct {
	done  chan struct{} // closed when value and err are there
	value V
	err   error
}

// errLost is what others get when the one who asked for all of them has panicked.
var errLost = errors.New("the request that was asking for others has failed")

// do answers what ask does. Who comes while another one's ask for the same key is under way waits for that, as long as ctx
// lasts. ask must not depend on the one who happens to be first: it has to end in time by itself.
func (f *flights[K, V]) do(ctx context.Context, k K, ask func() (V, error)) (V, error) {
	f.mu.Lock()
	if c := f.calls[k]; c != nil {
		f.mu.Unlock()
		select {
		case <-c.done:
			return c.value, c.err
		case <-ctx.Done():
			return *new(V), ctx.Err()
		}
	}
	c := &call[V]{done: make(chan struct{}), err: errLost}
	if f.calls == nil {
		f.calls = map[K]*call[V]{}
	}
	f.calls[k] = c
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		delete(f.calls, k)
		f.mu.Unlock()
		close(c.done)
	}()
	c.value, c.err = ask()
	return c.value, c.err
}
