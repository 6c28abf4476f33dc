package store

import (
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
	sqlite3 "modernc.org/sqlite/lib"
)

// sqlitePath returns the file of an SQLAlchemy URL, "" for a database in memory.
func sqlitePath(raw string) (string, error) {
	rest, ok := strings.CutPrefix(raw, "sqlite://")
	if !ok {
		scheme, _, _ := strings.Cut(raw, ":")
		return "", fmt.Errorf("database connection: scheme %q is not built in yet (known: sqlite)", scheme)
	}
	rest, _, _ = strings.Cut(rest, "?")
	if rest == "" || rest == "/" || rest == "/:memory:" {
		return "", nil
	}
	path, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return "", fmt.Errorf("database connection: %q has a host; SQLite wants sqlite:///path", raw)
	}
	return path, nil
}

// InMemory reports whether the database of a connection URL is gone with its process.
func InMemory(connection string) bool {
	path, err := sqlitePath(connection)
	return err == nil && path == ""
}

// displayPath names a database in errors and logs.
func displayPath(path string) string {
	if path == "" {
		return "in memory"
	}
	return path
}

func openSQLite(path string, busy time.Duration) (*sql.DB, error) {
	params := url.Values{}
	for _, p := range []string{"foreign_keys(1)", "synchronous(NORMAL)", "temp_store(MEMORY)", "cache_size(-8000)",
		"mmap_size(268435456)", fmt.Sprintf("wal_autocheckpoint(%d)", autoCheckpoint), fmt.Sprintf("busy_timeout(%d)", busy.Milliseconds())} {
		params.Add("_pragma", p)
	}
	name := ":memory:"
	if path != "" {
		params.Add("_pragma", "journal_mode(WAL)")
		abs, err := filepath.Abs(path)
		if err != nil {
			return nil, fmt.Errorf("open database %s: %w", path, err)
		}
		name = "file:" + (&url.URL{Path: abs}).EscapedPath()
	}
	db, err := sql.Open("sqlite", name+"?"+params.Encode())
	if err != nil {
		return nil, fmt.Errorf("open database %s: %w", displayPath(path), err)
	}
	return db, nil
}

// coded is an error of SQLite: of the driver, or of direct.
type coded interface {
	error
	Code() int
}

// passing reports whether trying again may help: another process held the lock.
func passing(err error) bool {
	var e coded
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED:
		return true
	}
	return false
}

// away reports whether the database itself failed: no file, no permission, no room, a torn page.
func away(err error) bool {
	var e coded
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_IOERR, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY,
		sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_PERM:
		return true
	}
	return false
}

// Duplicate reports whether err is a violated primary key or unique constraint.
func Duplicate(err error) bool {
	var e coded
	return errors.As(err, &e) &&
		(e.Code() == sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY || e.Code() == sqlite3.SQLITE_CONSTRAINT_UNIQUE)
}
