package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// TestTheDirectWayIsThere fails when another version of the driver keeps its handle elsewhere: everything would work, and cost
// twice as much.
func TestTheDirectWayIsThere(t *testing.T) {
	t.Parallel()
	for _, url := range []string{fileURL(t), "sqlite://"} {
		for i, c := range open(t, url).conns {
			if c.direct == nil {
				t.Errorf("%s: connection %d has no direct way", url, i)
			}
		}
	}
}

// TestBothWaysLeadToTheSame: what is read directly is what database/sql reads, whatever the arguments.
func TestBothWaysLeadToTheSame(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	rapid.Check(t, func(t *rapid.T) {
		args := rapid.SliceOfN(rapid.OneOf(
			rapid.Just[any](nil), rapid.String().AsAny(), rapid.Int64().AsAny(), rapid.Int().AsAny(), rapid.Bool().AsAny(),
			rapid.Float64Range(-1, 1).AsAny(), rapid.StringN(60, 300, 1000).AsAny(),
		), 1, 6).Draw(t, "args")
		text := "SELECT typeof(?)" + strings.Repeat(", ?", len(args)-1) + " UNION ALL SELECT 7" + strings.Repeat(", NULL", len(args)-1)
		read := func() (rows []string) {
			err := db.Read(t.Context(), func(tx *Tx) error {
				return tx.cells(text, args, func(row string) error {
					rows = append(rows, row)
					return nil
				})
			})
			if err != nil {
				t.Fatal(err)
			}
			return rows
		}
		direct := read()
		c := <-db.writer
		kept := c.direct
		c.direct = nil
		db.writer <- c
		other := read()
		c = <-db.writer
		c.direct = kept
		db.writer <- c
		if len(direct) != 2 || !slices.Equal(direct, other) {
			t.Errorf("%q of %v, and %q", direct, args, other)
		}
	})
}

func TestDirectStatementsFailWithSQLitesWords(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	err := db.Read(t.Context(), func(tx *Tx) error {
		none := func(*Row) error { return nil }
		for _, c := range []struct{ text, want string }{
			{"SELECT nowhere FROM quotas", "no such column: nowhere"},
			{"SELECT ?, ?", "1 arguments for 2 parameters"},
			{"SELECT abs(?)", "integer overflow"},
		} {
			if err := tx.RowsOf(c.text, []any{int64(-1 << 63)}, none); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %q", c.text, err, c.want)
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}

// TestADirectStatementThatWasLeftIsUsedAgain: a row that nobody wants, or a panic over it, ends the statement all the same.
func TestADirectStatementThatWasLeftIsUsedAgain(t *testing.T) {
	t.Parallel()
	db := open(t, fileURL(t))
	const text = "SELECT 1 UNION ALL SELECT 2"
	boom := errors.New("boom")
	for range 2 {
		err := db.Read(t.Context(), func(tx *Tx) error {
			return tx.RowsOf(text, nil, func(*Row) error { return boom })
		})
		if !errors.Is(err, boom) {
			t.Fatalf("got %v, want %v", err, boom)
		}
		func() {
			defer func() { _ = recover() }()
			_ = db.Read(t.Context(), func(tx *Tx) error {
				return tx.RowsOf(text, nil, func(*Row) error { panic("boom") })
			})
		}()
	}
	n := 0
	err := db.Read(t.Context(), func(tx *Tx) error {
		return tx.RowsOf(text, nil, func(*Row) error { n++; return nil })
	})
	if err != nil || n != 2 {
		t.Errorf("got %d rows, %v", n, err)
	}
}

func TestDirectStatementsDoNotPileUp(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	for i := range maxStatements + 10 {
		length := i
		if i%20 == 0 {
			length = maxKept
		}
		err := db.Read(t.Context(), func(tx *Tx) error {
			return tx.RowsOf(fmt.Sprintf("SELECT '%s'", strings.Repeat("x", length)), nil, func(*Row) error { return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	c := <-db.writer
	defer func() { db.writer <- c }()
	if n := len(c.direct.stmts); n > maxStatements {
		t.Errorf("%d statements are kept, at most %d may be", n, maxStatements)
	}
	for text := range c.direct.stmts {
		if len(text) > maxKept {
			t.Errorf("a statement of %d bytes is kept", len(text))
		}
	}
}

// TestTablesAreReadAsAWhole: the children of many objects are the same whether their table is read as a whole or an index is asked,
// and rows of others are nobody's.
func TestTablesAreReadAsAWhole(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	err := db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`CREATE TEMP TABLE made (target TEXT, tag TEXT, place INTEGER)`); err != nil {
			return err
		}
		for i := range 3 * many {
			if _, err := tx.Exec(`INSERT INTO made VALUES (?, ?, ?)`, fmt.Sprint(i%(many+9)), fmt.Sprint(i), i%2); err != nil {
				return err
			}
		}
		for _, objects := range []int{1, 2, many - 1, many, many + 5} {
			var want string
			for _, table := range []string{"", "made"} {
				children := []Child[thing]{
					{Table: table, Query: "target, place, tag, '', '', 0 FROM made WHERE target IN (", Tail: ") AND tag <> ?", Args: []any{"5"},
						Add: func(o *thing, r *ChildRow) { o.tags = append(o.tags, r.A) }},
					{Query: "target, 0, tag, '', '', 0 FROM made WHERE target IN (", Tail: ") AND tag < ?", Args: []any{"2"},
						Add: func(o *thing, r *ChildRow) { o.more = append(o.more, r.A) }},
				}
				things := make([]thing, objects)
				for i := range things {
					things[i].id = fmt.Sprint(i)
				}
				if err := LoadChildren(tx, children, things, func(o *thing) string { return o.id }, neutron.Fields{}); err != nil {
					return err
				}
				got := fmt.Sprint(things)
				if table == "" {
					want = got
				} else if got != want {
					t.Errorf("%d objects: got %s, want %s", objects, got, want)
				}
				if len(things[0].tags) == 0 {
					t.Errorf("%d objects, table %q: the first one has no children", objects, table)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
