package store

import (
	"database/sql"
	"fmt"
	"slices"
)

// Row is one row of Tx.Rows: its cells, one after the other. It is read in place: texts are parts of the row's.
type Row struct {
	rest string
	left int // how many rows of the list come from here on, 0 where that is not known
	// Place is the row's number in the order in which the rows of the list are stored, 0 where that is not known.
	Place int
}

// Rows calls fn for every row of "SELECT columns rest". The columns are expressions without names, and none is a BLOB. fn
// must neither keep the row nor run another statement of this transaction.
func (tx *Tx) Rows(columns, rest string, args []any, fn func(*Row) error) error {
	return tx.RowsOf("SELECT "+columns+" "+rest, args, fn)
}

// Room returns a slice with room for one element more. It grows faster than append does, because the rows of a list are
// large, and copying them costs more than room that stays empty.
func Room[T any](s []T) []T {
	if len(s) < cap(s) {
		return s
	}
	return slices.Grow(s, max(8, 3*len(s)))
}

// RoomFor is Room for the rows of a list: r, and those that are known to follow it.
func RoomFor[T any](s []T, r *Row) []T {
	if r.left <= cap(s)-len(s) {
		return Room(s)
	}
	return slices.Grow(s, r.left)
}

// RowsOf is Rows for a whole statement.
func (tx *Tx) RowsOf(text string, args []any, fn func(*Row) error) error {
	var r Row
	return tx.cells(text, args, func(row string) error {
		r.rest = row
		return fn(&r)
	})
}

// cells calls fn with the cells of every row.
func (tx *Tx) cells(text string, args []any, fn func(string) error) error {
	if tx.conn.direct == nil || !bound(args) {
		return tx.cellsOfValues(text, args, fn)
	}
	if err := tx.request.Err(); err != nil {
		return err
	}
	if tx.conn.trace != nil {
		tx.conn.trace(text, args)
	}
	if err := tx.conn.direct.rows(text, args, fn); err != nil {
		return fmt.Errorf("%s: %w", head(text), err)
	}
	return nil
}

// cellsOfValues is cells through database/sql.
func (tx *Tx) cellsOfValues(text string, args []any, fn func(string) error) error {
	var values, dest []any
	var row []byte
	return tx.Each(text, args, func(rows *sql.Rows) error {
		if dest == nil {
			columns, err := rows.Columns()
			if err != nil {
				return err
			}
			values, dest = make([]any, len(columns)), make([]any, len(columns))
			for i := range dest {
				dest[i] = &values[i]
			}
		}
		if err := rows.Scan(dest...); err != nil {
			return err
		}
		row = row[:0]
		for _, v := range values {
			row = appendValue(row, v)
		}
		return fn(string(row))
	})
}

// Scan reads the row's next columns, in their order, into dest: pointers to string, int64, bool, *int64, *bool, or a Time. NULL is the
// zero value of each.
func (r *Row) Scan(dest ...any) error {
	for i, d := range dest {
		c, ok := r.next()
		if !ok {
			return fmt.Errorf("column %d: the row ends before it", i)
		}
		if err := assign(d, c); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// next reads the next cell.
func (r *Row) next() (cell, bool) {
	c, n := cellAt(r.rest)
	r.rest = r.rest[n:]
	return c, n > 0
}

func assign(dest any, c cell) error {
	switch d := dest.(type) {
	case *string:
		*d = c.String()
	case *int64:
		return c.number(d)
	case *bool:
		var n int64
		err := c.number(&n)
		*d = n != 0
		return err
	case **bool:
		*d = nil
		if c.kind == cellNull {
			return nil
		}
		*d = new(bool)
		return assign(*d, c)
	case **int64:
		*d = nil
		if c.kind == cellNull {
			return nil
		}
		*d = new(int64)
		return c.number(*d)
	case Time:
		if c.kind == cellNull {
			return d.Scan(nil)
		}
		return d.parse(c.String())
	default:
		return fmt.Errorf("no way to read %q into %T", c.String(), dest)
	}
	return nil
}
