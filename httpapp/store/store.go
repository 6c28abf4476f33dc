package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Options say how to open a database.
type Options struct {
	// URL is SQLAlchemy's form as in [database] connection: sqlite:///relative.db, sqlite:////absolute.db, or
	// sqlite:// for a private database in memory.
	URL string
	// Readers is the number of reading connections, 0 for DefaultReaders. A database in memory has one connection.
	Readers int
	// BusyTimeout bounds the wait for a lock that another process holds, 0 for DefaultBusyTimeout.
	BusyTimeout time.Duration
	// Trace, when set, is told of every statement before it runs, BEGIN and COMMIT among them. It may be called
	// concurrently, and must not keep args.
	Trace func(text string, args []any)
	// Fault, when set, is asked ahead of every BEGIN and COMMIT, and what it returns is the database's answer: for tests of what
	// comes of a database that fails. It may be called concurrently.
	Fault func(text string) error
}

// Defaults of Options.
const (
	// DefaultReaders suits two to four cores: SQLite reads are CPU-bound, so more connections than cores only queue
	// elsewhere.
	DefaultReaders = 8
	// DefaultBusyTimeout is how long a lock of another process is waited for before a try counts as failed.
	DefaultBusyTimeout = 5 * time.Second
)

// Retry contract of Neutron's API (oslo.db: 10 tries, 0.1 s doubling up to 10 s).
const (
	// Tries is how often a transaction is tried before its error reaches the client.
	Tries    = 10
	firstGap = 100 * time.Millisecond
	maxGap   = 10 * time.Second
)

// DB is an open database. It is safe for concurrent use.
type DB struct {
	sql     *sql.DB
	conns   []*conn // all of them, to be closed
	readers chan *conn
	writer  chan *conn
	path    string
	shared  sync.Map // see Tx.Shared
	trace   func(text string, args []any)
	fault   func(text string) error

	closing sync.Once
	closed  chan struct{}

	written      chan struct{} // has a value when something was committed since the last checkpoint
	checkpointed chan struct{} // closed when checkpoints has ended; nil for a database in memory
}

// Open opens the database, creates the schema when it is empty, and checks that it carries a known alembic head. The
// errors name the file.
func Open(ctx context.Context, o Options) (*DB, error) {
	path, err := sqlitePath(o.URL)
	if err != nil {
		return nil, err
	}
	if o.Readers <= 0 {
		o.Readers = DefaultReaders
	}
	if o.BusyTimeout <= 0 {
		o.BusyTimeout = DefaultBusyTimeout
	}
	handle, err := openSQLite(path, o.BusyTimeout)
	if err != nil {
		return nil, err
	}
	db := &DB{sql: handle, path: path, trace: o.Trace, fault: o.Fault, closed: make(chan struct{}), written: make(chan struct{}, 1)}
	if err := db.connect(ctx, o.Readers); err != nil {
		return nil, errors.Join(fmt.Errorf("open database %s: %w", displayPath(path), err), db.release())
	}
	return db, nil
}

func (db *DB) newConn(ctx context.Context) (*conn, error) {
	c, err := newConn(ctx, db.sql)
	if err == nil {
		c.db, c.shared, c.trace, c.fault = db, &db.shared, db.trace, db.fault
		db.conns = append(db.conns, c)
	}
	return c, err
}

// release closes every connection. sql.DB alone would leave open those that are taken from it.
func (db *DB) release() error {
	var err error
	for _, c := range db.conns {
		err = errors.Join(err, c.close())
	}
	return errors.Join(err, db.sql.Close())
}

// connect opens the writer, creates or checks the schema on it, opens the readers and starts the checkpoints.
func (db *DB) connect(ctx context.Context, readers int) error {
	w, err := db.newConn(ctx)
	if err != nil {
		return err
	}
	if err := ensureSchema(ctx, w); err != nil {
		return err
	}
	db.writer = make(chan *conn, 1)
	db.writer <- w
	if db.path == "" { // in memory: the one connection is the database
		db.readers = db.writer
		return nil
	}
	db.readers = make(chan *conn, readers)
	for range readers {
		r, err := db.newConn(ctx)
		if err != nil {
			return err
		}
		db.readers <- r
	}
	c, err := db.newConn(ctx)
	if err != nil {
		return err
	}
	db.checkpointed = make(chan struct{})
	go db.checkpoints(c)
	return nil
}

// Close waits for running transactions and closes every connection. Transactions begun after it return Unavailable.
func (db *DB) Close() error {
	var err error
	db.closing.Do(func() {
		close(db.closed)
		pools := []chan *conn{db.writer}
		if db.readers != db.writer {
			pools = append(pools, db.readers)
		}
		for _, pool := range pools {
			for range cap(pool) {
				<-pool
			}
		}
		if db.checkpointed != nil {
			<-db.checkpointed
		}
		err = db.release()
	})
	return err
}

// Read runs fn in a read transaction, once, or again after a passing error.
func (db *DB) Read(ctx context.Context, fn func(*Tx) error) error {
	if db.readers == db.writer {
		if err := db.checkOutside(ctx); err != nil {
			return err
		}
	}
	tx, err := db.run(ctx, db.readers, "BEGIN", fn)
	if err == nil {
		tx.ended(true)
	}
	return err
}

// Write runs fn in a write transaction and commits it, again from the start after a passing error. What Ahead has put into
// the context comes first, what Tx.Behind was given last.
func (db *DB) Write(ctx context.Context, fn func(*Tx) error) error {
	if err := db.checkOutside(ctx); err != nil {
		return err
	}
	g := guardOf(ctx)
	first, fn := before(ctx, g.around(fn))
	tx, err := db.run(ctx, db.writer, "BEGIN IMMEDIATE", fn)
	if err == nil {
		first.committed()
		g.done()
		db.wrote()
		tx.ended(true)
	}
	return err
}

// Ping reports whether the database answers.
func (db *DB) Ping(ctx context.Context) error {
	return db.Read(ctx, func(tx *Tx) error {
		var one int
		return tx.Get("SELECT 1", nil, &one)
	})
}

// run returns the transaction that was committed.
func (db *DB) run(ctx context.Context, pool chan *conn, begin string, fn func(*Tx) error) (*Tx, error) {
	gap := firstGap
	for try := 1; ; try++ {
		tx, err := db.once(ctx, pool, begin, fn)
		if err == nil || !passing(err) {
			return tx, clientError(err)
		}
		if try == Tries {
			return nil, clientError(fmt.Errorf("after %d tries: %w", try, err))
		}
		select {
		case <-ctx.Done():
			return nil, clientError(errors.Join(ctx.Err(), err))
		case <-db.closed:
			return nil, errClosed()
		case <-time.After(gap):
		}
		gap = min(2*gap, maxGap)
	}
}

func (db *DB) once(ctx context.Context, pool chan *conn, begin string, fn func(*Tx) error) (*Tx, error) {
	select {
	case <-db.closed:
		return nil, errClosed()
	default:
	}
	var c *conn
	select {
	case c = <-pool:
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-db.closed:
		return nil, errClosed()
	}
	tx, committed := new(Tx), false
	defer func() {
		pool <- c
		if !committed {
			tx.ended(false)
		}
	}()
	err := c.transact(ctx, begin, tx, fn)
	committed = err == nil
	return tx, err
}

func errClosed() error {
	return &neutron.Error{Kind: neutron.Unavailable, Type: "ServiceUnavailable", Message: unavailableText}
}

const unavailableText = "The database is not available. Please try again later."

// clientError passes errors meant for the client and context errors through, and turns the database's own failures to
// answer into Unavailable. What is left is a bug and stays Internal.
func clientError(err error) error {
	var e *neutron.Error
	if err == nil || errors.As(err, &e) || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	if passing(err) || away(err) {
		return &neutron.Error{Kind: neutron.Unavailable, Type: "ServiceUnavailable", Message: unavailableText, Err: err}
	}
	return err
}
