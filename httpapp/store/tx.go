package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

// Tx is a running transaction. It is valid only inside the function it was given to, and used by one goroutine.
type Tx struct {
	ctx     context.Context // never cancelled, see the package comment
	request context.Context // the caller's
	conn    *conn
	guard   *guard // what must hold before the first statement that writes, nil for nothing
	endings []ending
}

// Shared returns the value that everybody who uses this DB has under key, made by the first one who asks. It is for what
// is remembered of the database, and must be safe for concurrent use.
func (tx *Tx) Shared(key any, make func() any) any {
	if v, ok := tx.conn.shared.Load(key); ok {
		return v
	}
	v, _ := tx.conn.shared.LoadOrStore(key, make())
	return v
}

// Context returns the context of the request that the transaction is run for.
func (tx *Tx) Context() context.Context { return tx.request }

// Exec runs a statement and returns how many rows it changed.
func (tx *Tx) Exec(text string, args ...any) (int64, error) {
	r, err := tx.exec(text, args)
	if err != nil {
		return 0, err
	}
	return r.RowsAffected()
}

// Insert runs an INSERT and returns the rowid of the new row.
func (tx *Tx) Insert(text string, args ...any) (int64, error) {
	r, err := tx.exec(text, args)
	if err != nil {
		return 0, err
	}
	return r.LastInsertId()
}

func (tx *Tx) exec(text string, args []any) (sql.Result, error) {
	if err := tx.request.Err(); err != nil {
		return nil, err
	}
	if err := tx.keep(); err != nil {
		return nil, err
	}
	r, err := tx.conn.exec(tx.ctx, text, args...)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", head(text), err)
	}
	return r, nil
}

// Get scans the first row of a query into dest. No row is sql.ErrNoRows.
func (tx *Tx) Get(text string, args []any, dest ...any) error {
	found := false
	err := tx.Each(text, args, func(rows *sql.Rows) error {
		if found {
			return nil
		}
		found = true
		return rows.Scan(dest...)
	})
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

// Each calls fn for every row of a query. fn must not run another statement of this transaction.
func (tx *Tx) Each(text string, args []any, fn func(*sql.Rows) error) error {
	if err := tx.request.Err(); err != nil {
		return err
	}
	if tx.conn.trace != nil {
		tx.conn.trace(text, args)
	}
	s, err := tx.conn.prepare(tx.ctx, text)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(tx.ctx, args...)
	if err != nil {
		return fmt.Errorf("%s: %w", head(text), err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := fn(rows); err != nil {
			return fmt.Errorf("%s: %w", head(text), err)
		}
	}
	return rows.Err()
}

// Strings returns the first column of every row.
func (tx *Tx) Strings(text string, args ...any) ([]string, error) {
	var out []string
	err := tx.Each(text, args, func(rows *sql.Rows) error {
		var s string
		if err := rows.Scan(&s); err != nil {
			return err
		}
		out = append(out, s)
		return nil
	})
	return out, err
}

// head is the beginning of a statement, enough to find it in the source.
func head(text string) string {
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > 60 {
		return text[:60] + "..."
	}
	return text
}

// Mark is a state of the database as one writing transaction sees it. Two Marks that are equal say that between them
// nobody has committed anything but the transactions of the same connection: those of this DB. The zero Mark is none.
type Mark struct {
	conn    *conn
	version int64
}

// Mark returns the state in which the transaction began.
func (tx *Tx) Mark() (Mark, error) {
	m := Mark{conn: tx.conn}
	err := tx.Get("PRAGMA data_version", nil, &m.version)
	return m, err
}

// Placeholders returns "?,?,?" for n values of an IN list.
func Placeholders(n int) string {
	if n <= 0 {
		return ""
	}
	return strings.Repeat("?,", n-1) + "?"
}

// ChunkSize is the greatest number of values that one IN list gets, well below SQLite's 32,766 variables.
const ChunkSize = 512

// Chunks calls fn for runs of at most ChunkSize of ids, as arguments of an IN list.
func Chunks(ids []string, fn func(placeholders string, args []any) error) error {
	for len(ids) > 0 {
		n := min(len(ids), ChunkSize)
		args := padded(ids[:n])
		if err := fn(Placeholders(len(args)), args); err != nil {
			return err
		}
		ids = ids[n:]
	}
	return nil
}

// padded returns values as arguments of an IN list, filled up to a power of two with the last one, so that a statement
// has ten texts, each prepared once, and not one for every length. Longer lists than a chunk are left as they are: their
// statements are not kept.
func padded[T any](values []T) []any {
	n := len(values)
	size := n
	if n <= ChunkSize {
		for size = 1; size < n; size *= 2 {
		}
	}
	args := make([]any, size)
	for i := range args {
		args[i] = values[min(i, n-1)]
	}
	return args
}
