package store

import "strings"

// reach is how the rows of a table are found that belong to the objects of a list.
type reach uint8

const (
	// byKey finds them by an index, object after object.
	byKey reach = iota
	// asWhole reads the whole table.
	asWhole
	// inStretch reads the rows that are stored from the first object's to the last one's. Those that stand elsewhere are looked
	// for afterwards.
	inStretch
	// byShared reads the rows with a value that all objects have in common.
	byShared
	// empty is for a table without rows.
	empty
)

// many is how many objects it takes for a look at the sizes of tables to pay.
const many = 64

// few is how many times more rows than objects may be read in passing: a row that is found by an index costs so many times more.
const few = 3

// ends is how many objects at each end of a list are asked for their rows, because not each may have one.
const ends = 3

// survey decides how each table is read. It asks for the greatest rowid, which is no less than the number of rows, and costs
// nothing to know; for the rowids of the first and the last objects; and how many rows have the value that all objects share.
func (r *related[T]) survey() error {
	if len(r.objects) < many {
		return nil
	}
	var text strings.Builder
	var args []any
	for i := range r.sources {
		t, a := r.question(&r.sources[i])
		text.WriteString(t)
		args = append(args, a...)
	}
	if text.Len() == 0 {
		return nil
	}
	return r.tx.Rows(text.String()[2:], "", args, func(row *Row) error {
		for i := range r.sources {
			if err := r.answer(row, &r.sources[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// question are the columns that tell of a source.
func (r *related[T]) question(s *source[T]) (string, []any) {
	switch {
	case s.side != nil && r.order != nil:
		end := " FROM " + s.side.Table + " WHERE " + s.side.Key + " IN (" + Placeholders(ends) + ")" + s.side.also() + "), 0)"
		var args []any
		for i := range ends {
			args = append(args, r.ids[r.order[i]])
		}
		for i := range ends {
			args = append(args, r.ids[r.order[len(r.order)-1-i]])
		}
		return greatest(s.side.Table) + ", coalesce((SELECT min(rowid)" + end + ", coalesce((SELECT max(rowid)" + end, args
	case s.side != nil:
		return greatest(s.side.Table), nil
	case s.child.Table == "":
		return "", nil
	}
	value, ok := r.shared(s.child)
	if !ok {
		return greatest(s.child.Table), nil
	}
	return greatest(s.child.Table) + ", (SELECT count(*) FROM (SELECT 1 FROM " + s.child.Table + " WHERE " + s.child.Shared + " = ? LIMIT ?))",
		[]any{value, few*len(r.objects) + 1}
}

func greatest(table string) string { return ", coalesce((SELECT max(rowid) FROM " + table + "), 0)" }

// shared is the value that all objects share.
func (r *related[T]) shared(c *Child[T]) (string, bool) {
	if c.Shared == "" {
		return "", false
	}
	value := c.SharedBy(&r.objects[0])
	for i := range r.objects {
		if c.SharedBy(&r.objects[i]) != value {
			return "", false
		}
	}
	return value, true
}

// answer reads what question asked for, and decides.
func (r *related[T]) answer(row *Row, s *source[T]) error {
	if s.child != nil && s.child.Table == "" {
		return nil
	}
	var rows, first, last, sharing int64
	err := row.Scan(&rows)
	if s.side != nil && r.order != nil && err == nil {
		err = row.Scan(&first, &last)
	}
	value, isShared := "", false
	if s.child != nil {
		if value, isShared = r.shared(s.child); isShared && err == nil {
			err = row.Scan(&sharing)
		}
	}
	most := few * int64(len(r.objects))
	stretch := last - first + 1
	switch {
	case rows == 0:
		s.reach = empty
	case first > 0 && stretch > 0 && stretch <= min(most, rows/2):
		s.reach, s.args, s.met = inStretch, []any{first, last}, make([]bool, len(r.objects))
	case isShared && sharing <= min(most, rows/2):
		s.reach, s.args = byShared, []any{value}
	case rows <= most:
		s.reach = asWhole
	}
	return err
}
