package store

import (
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"slices"
	"strings"
)

// Heads are the alembic revisions of the schema that this program reads and writes: Neutron 2026.1's contract and
// expand branch.
func Heads() []string { return []string{"5c85685d616d", "b1bca967e19d"} }

var (
	//go:embed schema/sqlite/2026.1.sql
	sqliteTables string
	//go:embed schema/sqlite/foreign-keys.sql
	sqliteIndexes string
	//go:embed schema/sqlite/seed.sql
	sqliteSeed string
)

// ensureSchema creates the schema in an empty database, in one transaction, and refuses one of another release. It asks for the
// right to write only when there is something to be written: a process that starts beside others, which write all the time, would
// wait for it, and might wait in vain.
func ensureSchema(ctx context.Context, c *conn) error {
	empty := false
	err := c.transact(ctx, "BEGIN", new(Tx), func(tx *Tx) (err error) {
		if empty, err = isEmpty(tx); err == nil && !empty {
			err = checkHeads(tx)
		}
		return err
	})
	if err != nil || !empty {
		return err
	}
	return c.transact(ctx, "BEGIN IMMEDIATE", new(Tx), func(tx *Tx) error {
		if empty, err := isEmpty(tx); err != nil || !empty { // somebody else was faster
			return err
		}
		return createSchema(ctx, c.raw)
	})
}

func isEmpty(tx *Tx) (bool, error) {
	var tables int
	err := tx.Get("SELECT count(*) FROM sqlite_master WHERE type = 'table'", nil, &tables)
	return tables == 0, err
}

func createSchema(ctx context.Context, raw *sql.Conn) error {
	for _, script := range []string{sqliteTables, sqliteIndexes, sqliteSeed} {
		if _, err := raw.ExecContext(ctx, script); err != nil {
			return fmt.Errorf("create schema: %w", err)
		}
	}
	return nil
}

func checkHeads(tx *Tx) error {
	found, err := tx.Strings("SELECT version_num FROM alembic_version ORDER BY version_num")
	if err != nil {
		return fmt.Errorf("not a Neutron database: %w", err)
	}
	if want := Heads(); !slices.Equal(found, want) {
		return fmt.Errorf("the schema is at %s, this program needs %s (Neutron 2026.1): run neutron-db-manage upgrade heads",
			strings.Join(found, ", "), strings.Join(want, ", "))
	}
	return nil
}
