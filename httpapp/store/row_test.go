package store

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// TestRowsReadWhatWasWritten holds Rows against the driver's own, for texts with anything in them.
func TestRowsReadWhatWasWritten(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	texts := []string{"", "a", `"`, `\`, `a"b\c`, `\\"`, "line\nfeed\ttab\r\b\f", "\x01\x1f\x7f", "ä€😀\u2028", "],[", `],"x"`, "null", "1", strings.Repeat(`"\`, 500)}
	err := db.Write(t.Context(), func(tx *Tx) error {
		for i, text := range texts {
			if _, err := tx.Exec(`INSERT INTO agents (id, agent_type, binary, topic, host, created_at, started_at, heartbeat_timestamp,
				configurations, load, admin_state_up) VALUES (?, ?, ?, '', ?, ?, ?, ?, ?, ?, ?)`,
				i, "t", text, text, "2026-01-02 03:04:05.000000", "2026-01-02 03:04:05", "x", text+text, i-3, i%2); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		binary, host, config string
		load                 int64
		up                   bool
		created, started     time.Time
	}
	const columns, rest = `binary, host, configurations, load, admin_state_up, created_at || '', started_at || ''`, `FROM agents ORDER BY id + 0`
	var got, want []row
	err = db.Read(t.Context(), func(tx *Tx) error {
		err := tx.Rows(columns, rest, nil, func(r *Row) error {
			var v row
			err := r.Scan(&v.binary, &v.host, &v.config, &v.load, &v.up, Time{&v.created}, Time{&v.started})
			got = append(got, v)
			return err
		})
		if err != nil {
			return err
		}
		return tx.Each("SELECT "+columns+" "+rest, nil, func(r *sql.Rows) error {
			var v row
			err := r.Scan(&v.binary, &v.host, &v.config, &v.load, &v.up, Time{&v.created}, Time{&v.started})
			want = append(want, v)
			return err
		})
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
	if len(got) != len(texts) || got[4].host != texts[4] {
		t.Errorf("%d rows, host %q", len(got), got[4].host)
	}
}

func TestNullIsTheZeroValue(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	text, number, yes, when, some, maybe := "x", int64(1), true, time.Now(), new(int64), new(bool)
	err := db.Read(t.Context(), func(tx *Tx) error {
		return tx.Rows("NULL, NULL, NULL, NULL, NULL, NULL, 'end'", "", nil, func(r *Row) error {
			end := ""
			if err := r.Scan(&text, &number, &yes, Time{&when}, &some, &maybe, &end); err != nil || end != "end" {
				t.Errorf("%v, end %q", err, end)
			}
			return nil
		})
	})
	if err != nil || text != "" || number != 0 || yes || !when.IsZero() || some != nil || maybe != nil {
		t.Errorf("%v: %q %d %v %v %v %v", err, text, number, yes, when, some, maybe)
	}
}

func TestOptionalNumbersAndTruths(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	err := db.Read(t.Context(), func(tx *Tx) error {
		return tx.Rows("-5, 0, 1", "", nil, func(r *Row) error {
			var n *int64
			var no, yes *bool
			if err := r.Scan(&n, &no, &yes); err != nil || n == nil || no == nil || yes == nil || *n != -5 || *no || !*yes {
				t.Errorf("%v: %v %v %v", err, n, no, yes)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestRowsThatDoNotFitAreErrors: no answer is made of a row that was not understood.
func TestRowsThatDoNotFitAreErrors(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	var s string
	var n int64
	for columns, dest := range map[string][]any{
		"'a'":    {&s, &s},
		"'a', 1": {&n, &n},
		"1":      {&struct{}{}},
		"'2026'": {Time{new(time.Time)}},
	} {
		err := db.Read(t.Context(), func(tx *Tx) error {
			return tx.Rows(columns, "", nil, func(r *Row) error { return r.Scan(dest...) })
		})
		if err == nil {
			t.Errorf("%s into %T was read", columns, dest)
		}
	}
}

// thing has a row of tags in each of two tables of its own.
type thing struct {
	id         string
	tags, more []string
}

// TestChildrenFindTheirObjects reads children of no, one and many objects, with arguments and odd ids.
func TestChildrenFindTheirObjects(t *testing.T) {
	t.Parallel()
	db := open(t, "sqlite://")
	children := []Child[thing]{
		{Wanted: []string{"tags"}, Query: "target, 0, tag, '', '', 0 FROM made WHERE target IN (", Tail: ") AND tag <> ?", Args: []any{"c"},
			Add: func(o *thing, r *ChildRow) { o.tags = append(o.tags, r.A) }},
		{Wanted: []string{"more"}, Query: "target, place, tag, '', '', 0 FROM made WHERE target IN (", Tail: ") AND tag > ? AND tag < ?", Args: []any{"a", "d"},
			Add: func(o *thing, r *ChildRow) { o.more = append(o.more, r.A) }},
	}
	ids := []string{"z", `odd "id"`, "ä", "a"}
	err := db.Write(t.Context(), func(tx *Tx) error {
		if _, err := tx.Exec(`CREATE TEMP TABLE made (target TEXT, tag TEXT, place INTEGER)`); err != nil {
			return err
		}
		for _, id := range ids[1:] {
			for i, tag := range []string{"d", "c", "b", "a"} {
				if _, err := tx.Exec(`INSERT INTO made VALUES (?, ?, ?)`, id, tag, i); err != nil {
					return err
				}
			}
		}
		for n := range len(ids) + 1 {
			things := make([]thing, n)
			for i := range things {
				things[i].id = ids[i]
			}
			if err := LoadChildren(tx, children, things, func(o *thing) string { return o.id }, neutron.Fields{}); err != nil {
				return err
			}
			for i, o := range things {
				var tags, more []string
				if i > 0 {
					tags, more = []string{"a", "b", "d"}, []string{"c", "b"}
				}
				if !slices.Equal(o.tags, tags) || !slices.Equal(o.more, more) {
					t.Errorf("of %d: %s has %v and %v, want %v and %v", n, o.id, o.tags, o.more, tags, more)
				}
			}
		}
		one := []thing{{id: "a"}}
		err := LoadChildren(tx, children, one, func(o *thing) string { return o.id }, neutron.Fields{Names: []string{"more"}})
		if len(one[0].tags) > 0 || len(one[0].more) != 2 {
			t.Errorf("only more is wanted: %+v", one[0])
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
