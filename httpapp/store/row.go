package store

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Row is one row of Tx.Rows. SQLite makes one JSON array of all its columns, because each column that crosses the border
// of the driver by itself costs two allocations and several locks. Row is read in place: texts are parts of the array's.
type Row struct {
	rest string
	left int // how many rows of the list come from here on, 0 where that is not known
	// Place is the row's number in the order in which the rows of the list are stored, 0 where that is not known.
	Place int
}

// Rows calls fn for every row of "SELECT columns rest". The columns are expressions without names, and none is a BLOB. fn
// must neither keep the row nor run another statement of this transaction.
func (tx *Tx) Rows(columns, rest string, args []any, fn func(*Row) error) error {
	return tx.PackedRows(Packed(columns)+rest, args, fn)
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

// Packed is the beginning of a statement whose rows Rows can read: up to the FROM, which a blank precedes. The name is
// there because SQLite names a column like its expression, and the driver copies the name for every statement.
func Packed(columns string) string { return "SELECT json_array(" + columns + ") AS x " }

// PackedRows is Rows for a statement that begins with Packed.
func (tx *Tx) PackedRows(text string, args []any, fn func(*Row) error) error {
	var r Row
	return tx.texts(text, args, func(row string) error {
		if len(row) < 2 || row[0] != '[' {
			return fmt.Errorf("row %q is no JSON array", head(row))
		}
		r.rest = row[1 : len(row)-1]
		return fn(&r)
	})
}

// texts calls fn with the only column of every row, which is a text.
func (tx *Tx) texts(text string, args []any, fn func(string) error) error {
	if tx.conn.direct == nil || !bound(args) {
		var row string
		dest := []any{&row}
		return tx.Each(text, args, func(rows *sql.Rows) error {
			if err := rows.Scan(dest...); err != nil {
				return err
			}
			return fn(row)
		})
	}
	if err := tx.request.Err(); err != nil {
		return err
	}
	if tx.conn.trace != nil {
		tx.conn.trace(text, args)
	}
	if err := tx.conn.direct.texts(text, args, fn); err != nil {
		return fmt.Errorf("%s: %w", head(text), err)
	}
	return nil
}

// Scan reads the row's next columns, in their order, into dest: pointers to string, int64, bool, *int64, *bool, or a Time. NULL is the
// zero value of each.
func (r *Row) Scan(dest ...any) error {
	for i, d := range dest {
		text, quoted, ok := r.next()
		if !ok {
			return fmt.Errorf("column %d: the row ends at %q", i, head(r.rest))
		}
		if err := assign(d, text, quoted); err != nil {
			return fmt.Errorf("column %d: %w", i, err)
		}
	}
	return nil
}

// each reads the next element, an array, and calls fn for every array in it.
func (r *Row) each(fn func(*Row) error) error {
	if r.rest == "" || r.rest[0] != '[' {
		return fmt.Errorf("no array at %q", head(r.rest))
	}
	r.rest = r.rest[1:]
	for r.rest != "" && r.rest[0] == '[' {
		r.rest = r.rest[1:]
		if err := fn(r); err != nil {
			return err
		}
		if r.rest == "" || r.rest[0] != ']' {
			return fmt.Errorf("more columns than expected at %q", head(r.rest))
		}
		r.rest = strings.TrimPrefix(r.rest[1:], ",")
	}
	if r.rest == "" || r.rest[0] != ']' {
		return fmt.Errorf("no end of an array at %q", head(r.rest))
	}
	r.rest = strings.TrimPrefix(r.rest[1:], ",")
	return nil
}

// next cuts the next element off: the text inside the quotes, or a number or null as it stands.
func (r *Row) next() (text string, quoted, ok bool) {
	if r.rest == "" {
		return "", false, false
	}
	if r.rest[0] != '"' {
		end := 0
		for end < len(r.rest) && r.rest[end] != ',' && r.rest[end] != ']' {
			end++
		}
		text, r.rest = r.rest[:end], strings.TrimPrefix(r.rest[end:], ",")
		return text, false, text != ""
	}
	end := strings.IndexByte(r.rest[1:], '"') + 1
	if end > 0 && strings.IndexByte(r.rest[1:end], '\\') < 0 {
		text = r.rest[1:end]
	} else if text, end, ok = escaped(r.rest); !ok {
		return "", false, false
	}
	r.rest = strings.TrimPrefix(r.rest[end+1:], ",")
	return text, true, true
}

// escaped reads the JSON string that s begins with, and returns where it ends.
func escaped(s string) (text string, end int, ok bool) {
	for end = 1; end < len(s) && s[end] != '"'; end++ {
		if s[end] == '\\' {
			end++
		}
	}
	if end >= len(s) {
		return "", 0, false
	}
	return text, end, json.Unmarshal([]byte(s[:end+1]), &text) == nil
}

const null = "null"

func assign(dest any, text string, quoted bool) error {
	if !quoted && text == null {
		text = ""
	}
	switch d := dest.(type) {
	case *string:
		*d = text
	case *int64:
		*d = 0
		return number(d, text)
	case *bool:
		var n int64
		err := number(&n, text)
		*d = n != 0
		return err
	case **bool:
		*d = nil
		if text == "" {
			return nil
		}
		*d = new(bool)
		return assign(*d, text, quoted)
	case **int64:
		*d = nil
		if text == "" {
			return nil
		}
		*d = new(int64)
		return number(*d, text)
	case Time:
		if text == "" {
			return d.Scan(nil)
		}
		return d.parse(text)
	default:
		return fmt.Errorf("no way to read %q into %T", text, dest)
	}
	return nil
}

func number(to *int64, text string) (err error) {
	if text != "" {
		*to, err = strconv.ParseInt(text, 10, 64)
	}
	return err
}
