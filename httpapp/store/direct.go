package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"reflect"
	"unsafe"

	"modernc.org/libc"
	sqlite3 "modernc.org/sqlite/lib"
)

// direct runs statements on the handle of a connection itself. A row that goes through database/sql and the driver costs several
// locks, a dozen allocations a statement and two a column, which together are more than SQLite needs for most reads; here it is
// one copy. Both ways lead to the same connection, so they see the same transaction. Like its conn it belongs to one goroutine at
// a time.
type direct struct {
	tls   *libc.TLS
	db    uintptr
	stmts map[string]uintptr
	// out is where SQLite puts the handle of a statement, and text what arguments are bound to: memory that is not Go's.
	out  uintptr
	text []uintptr
	room []int
	row  []byte // that has been read last
}

// pointer is the size of a handle.
const pointer = 8

// directOf returns the direct way to a connection, or nil where the driver has none: then everything goes through database/sql.
func directOf(raw *sql.Conn) (*direct, error) {
	var d *direct
	err := raw.Raw(func(driver any) error {
		v := reflect.Indirect(reflect.ValueOf(driver))
		if v.Kind() != reflect.Struct || math.MaxUint == math.MaxUint32 { // handles would have another size there
			return nil
		}
		db, tls := v.FieldByName("db"), v.FieldByName("tls")
		if db.Kind() != reflect.Uintptr || !tls.IsValid() || tls.Type() != reflect.TypeFor[*libc.TLS]() {
			return nil
		}
		d = &direct{tls: (*libc.TLS)(tls.UnsafePointer()), db: uintptr(db.Uint()), stmts: make(map[string]uintptr)}
		d.out = libc.Xmalloc(d.tls, pointer)
		if d.out == 0 {
			return &directError{code: sqlite3.SQLITE_NOMEM, text: "out of memory"}
		}
		return nil
	})
	return d, err
}

// directError is a result code with SQLite's text.
type directError struct {
	code int
	text string
}

func (e *directError) Error() string { return fmt.Sprintf("%s (%d)", e.text, e.code) }

// Code returns the result code, as the driver's errors do.
func (e *directError) Code() int { return e.code }

func (d *direct) failed(code int32) error {
	return &directError{code: int(code), text: libc.GoString(sqlite3.Xsqlite3_errmsg(d.tls, d.db))}
}

// close must come before the connection's own.
func (d *direct) close() {
	if d == nil {
		return
	}
	d.forget()
	d.free()
	libc.Xfree(d.tls, d.out)
	d.out = 0
}

// free gives the room for texts back. No statement reads its arguments between its rows' end and the next bind.
func (d *direct) free() {
	for _, p := range d.text {
		libc.Xfree(d.tls, p)
	}
	d.text, d.room = nil, nil
}

func (d *direct) forget() {
	for _, s := range d.stmts {
		sqlite3.Xsqlite3_finalize(d.tls, s) // its result is that of the last step
	}
	clear(d.stmts)
}

// prepare returns a statement, and whether it is kept.
func (d *direct) prepare(text string) (stmt uintptr, kept bool, err error) {
	if s, ok := d.stmts[text]; ok {
		return s, true, nil
	}
	if len(d.stmts) >= maxStatements {
		d.forget()
	}
	z, err := libc.CString(text)
	if err != nil {
		return 0, false, err
	}
	defer libc.Xfree(d.tls, z)
	if code := sqlite3.Xsqlite3_prepare_v3(d.tls, d.db, z, int32(len(text)+1), sqlite3.SQLITE_PREPARE_PERSISTENT, d.out, 0); code != sqlite3.SQLITE_OK {
		return 0, false, fmt.Errorf("prepare %s: %w", head(text), d.failed(code))
	}
	stmt = uintptr(binary.NativeEndian.Uint64(libc.GoBytes(d.out, pointer)))
	if kept = len(text) <= maxKept; kept {
		d.stmts[text] = stmt
	}
	return stmt, kept, nil
}

// bound reports whether arguments are of the kinds that bind knows.
func bound(args []any) bool {
	for _, a := range args {
		switch a.(type) {
		case nil, string, int64, int, bool:
		default:
			return false
		}
	}
	return true
}

// bind gives the statement its arguments. Texts stay where they are put until the next bind.
func (d *direct) bind(stmt uintptr, args []any) error {
	if n := int(sqlite3.Xsqlite3_bind_parameter_count(d.tls, stmt)); n != len(args) {
		return fmt.Errorf("%d arguments for %d parameters", len(args), n)
	}
	for i, a := range args {
		n := int32(i + 1)
		code := int32(sqlite3.SQLITE_OK)
		switch v := a.(type) {
		case nil:
			code = sqlite3.Xsqlite3_bind_null(d.tls, stmt, n)
		case int64:
			code = sqlite3.Xsqlite3_bind_int64(d.tls, stmt, n, v)
		case int:
			code = sqlite3.Xsqlite3_bind_int64(d.tls, stmt, n, int64(v))
		case bool:
			code = sqlite3.Xsqlite3_bind_int64(d.tls, stmt, n, int64(libc.Bool32(v)))
		case string:
			p, err := d.copied(i, v)
			if err != nil {
				return err
			}
			code = sqlite3.Xsqlite3_bind_text(d.tls, stmt, n, p, int32(len(v)), sqlite3.SQLITE_STATIC)
		}
		if code != sqlite3.SQLITE_OK {
			return d.failed(code)
		}
	}
	return nil
}

// copied puts a text where SQLite can read it: into the place of argument number i.
func (d *direct) copied(i int, s string) (uintptr, error) {
	for len(d.text) <= i {
		d.text, d.room = append(d.text, 0), append(d.room, 0)
	}
	if d.room[i] < len(s)+1 {
		room := max(64, len(s)+1)
		libc.Xfree(d.tls, d.text[i])
		d.text[i], d.room[i] = 0, 0
		p, err := libc.CString(string(make([]byte, room-1)))
		if err != nil {
			return 0, err
		}
		d.text[i], d.room[i] = p, room
	}
	copy(libc.GoBytes(d.text[i], len(s)), s)
	return d.text[i], nil
}

// rows calls fn with the cells of every row.
func (d *direct) rows(text string, args []any, fn func(string) error) error {
	stmt, kept, err := d.prepare(text)
	if err != nil {
		return err
	}
	defer func() {
		if !kept { // it may have had thousands of arguments
			sqlite3.Xsqlite3_finalize(d.tls, stmt)
			d.free()
			return
		}
		sqlite3.Xsqlite3_reset(d.tls, stmt) // its result is that of the last step
	}()
	if err := d.bind(stmt, args); err != nil {
		return err
	}
	var rows arena
	for {
		switch code := sqlite3.Xsqlite3_step(d.tls, stmt); code {
		case sqlite3.SQLITE_ROW:
			if err := d.read(stmt); err != nil {
				return err
			}
			if err := fn(rows.keep(d.row)); err != nil {
				return err
			}
		case sqlite3.SQLITE_DONE:
			return nil
		default:
			return d.failed(code)
		}
	}
}

// read puts the cells of the row that the statement stands at into d.row. Each column that SQLite is asked for costs it two turns of
// a lock, so it is asked for the first and the last one only: the values of a row stand side by side, as the last one has to confirm.
func (d *direct) read(stmt uintptr) error {
	const size = unsafe.Sizeof(sqlite3.Tsqlite3_value{})
	n := sqlite3.Xsqlite3_column_count(d.tls, stmt)
	value := sqlite3.Xsqlite3_column_value(d.tls, stmt, 0)
	if last := sqlite3.Xsqlite3_column_value(d.tls, stmt, n-1); last != value+uintptr(n-1)*size {
		return errors.New("the values of a row do not stand side by side")
	}
	row := d.row[:0]
	for ; n > 0; n-- {
		switch sqlite3.Xsqlite3_value_type(d.tls, value) {
		case sqlite3.SQLITE_NULL:
			row = append(row, cellNull)
		case sqlite3.SQLITE_INTEGER:
			row = appendNumber(row, sqlite3.Xsqlite3_value_int64(d.tls, value))
		default:
			p := sqlite3.Xsqlite3_value_text(d.tls, value) // before its length, which it may change
			row = appendText(row, libc.GoBytes(p, int(sqlite3.Xsqlite3_value_bytes(d.tls, value))))
		}
		value += size
	}
	d.row = row
	return nil
}

// exec runs a statement without arguments and rows: BEGIN and its likes.
func (d *direct) exec(text string) error {
	return d.rows(text, nil, func(string) error { return nil })
}
