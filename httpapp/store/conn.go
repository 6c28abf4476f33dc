package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
)

// conn is one connection with its prepared statements. It belongs to one transaction at a time, so nothing is locked.
type conn struct {
	raw   *sql.Conn
	stmts map[string]*sql.Stmt
	long  *sql.Stmt // the last statement that was too long to keep, nil for none
	db    *DB
	// shared, trace and fault are the DB's; trace and fault may be nil.
	shared *sync.Map
	trace  func(text string, args []any)
	fault  func(text string) error
	direct *direct // nil where there is no such way
}

// What a connection keeps: filters and fields make many texts, and an attacker could make more and longer ones. The
// longest statements that come back are those on the children of a full chunk of objects.
const (
	maxStatements = 256
	maxKept       = 8 << 10 // bytes of one statement's text
)

func newConn(ctx context.Context, db *sql.DB) (*conn, error) {
	raw, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	d, err := directOf(raw)
	if err != nil {
		return nil, errors.Join(err, raw.Close())
	}
	return &conn{raw: raw, stmts: make(map[string]*sql.Stmt), direct: d}, nil
}

func (c *conn) close() error {
	c.direct.close()
	return errors.Join(c.forget(), c.raw.Close())
}

func (c *conn) forget() error {
	var err error
	for _, s := range c.stmts {
		err = errors.Join(err, s.Close())
	}
	clear(c.stmts)
	return errors.Join(err, c.forgetLong())
}

func (c *conn) forgetLong() error {
	if c.long == nil {
		return nil
	}
	err := c.long.Close()
	c.long = nil
	return err
}

// prepare returns the statement, prepared on this connection.
func (c *conn) prepare(ctx context.Context, text string) (*sql.Stmt, error) {
	if s, ok := c.stmts[text]; ok {
		return s, nil
	}
	if len(c.stmts) >= maxStatements {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	s, err := c.raw.PrepareContext(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("prepare %s: %w", head(text), err)
	}
	if len(text) <= maxKept {
		c.stmts[text] = s
		return s, nil
	}
	// A transaction runs one statement at a time, so the previous one has ended.
	err = c.forgetLong()
	c.long = s
	return s, err
}

func (c *conn) exec(ctx context.Context, text string, args ...any) (sql.Result, error) {
	if c.trace != nil {
		c.trace(text, args)
	}
	s, err := c.prepare(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.ExecContext(ctx, args...)
}

// control runs BEGIN, COMMIT or ROLLBACK.
func (c *conn) control(ctx context.Context, text string) error {
	if c.fault != nil {
		if err := c.fault(text); err != nil {
			return err
		}
	}
	if c.direct == nil {
		_, err := c.exec(ctx, text)
		return err
	}
	if c.trace != nil {
		c.trace(text, nil)
	}
	return c.direct.exec(text)
}

// transact runs fn on tx between begin and COMMIT. An error or a panic of fn rolls back; the panic goes on.
func (c *conn) transact(ctx context.Context, begin string, tx *Tx, fn func(*Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	detached := context.Background() // see the package comment; the driver looks for no values
	if err := c.control(detached, begin); err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	done := false
	defer func() {
		if !done {
			c.rollback(detached)
		}
	}()
	*tx = Tx{ctx: detached, request: ctx, conn: c}
	if err := fn(tx); err != nil {
		return err
	}
	if err := c.control(detached, "COMMIT"); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	done = true
	return nil
}

// rollback undoes the transaction. SQLite has already done so after some errors, and then refuses: that is no failure.
func (c *conn) rollback(ctx context.Context) { _ = c.control(ctx, "ROLLBACK") }
