package store

import "slices"

// finder finds the objects of rows that mostly come in the order of the objects.
type finder struct {
	ids   []string
	order []int // of the objects, nil: as they stand
	next  int   // how far rows have come in that order
	index func() map[string]int
	turn  []int // the place of each object in the order, nil as long as nobody needs it
}

func (r *related[T]) finder(order []int) *finder {
	return &finder{ids: r.ids, order: order, index: func() map[string]int {
		if r.index == nil {
			r.index = make(map[string]int, len(r.ids))
			for i, id := range r.ids {
				r.index[id] = i
			}
		}
		return r.index
	}}
}

// find returns the number of the object with an id, -1 for none.
func (f *finder) find(id string) int {
	if f.next > 0 && f.ids[f.at(f.next-1)] == id {
		return f.at(f.next - 1)
	}
	if f.next < len(f.ids) && f.ids[f.at(f.next)] == id {
		f.next++
		return f.at(f.next - 1)
	}
	i, ok := f.index()[id]
	if !ok {
		return -1
	}
	f.next = f.turnOf(i) + 1
	return i
}

func (f *finder) at(turn int) int {
	if f.order == nil {
		return turn
	}
	return f.order[turn]
}

func (f *finder) turnOf(object int) int {
	if f.order == nil {
		return object
	}
	if f.turn == nil {
		f.turn = make([]int, len(f.order))
		for turn, i := range f.order {
			f.turn[i] = turn
		}
	}
	return f.turn[object]
}

// read reads the rows of a source into their objects.
func (r *related[T]) read(row *Row, s *source[T]) error {
	order := r.order
	if s.reach == byKey {
		order = r.keyOrder()
	}
	find := r.finder(order)
	if s.side != nil {
		return row.each(func(row *Row) error { return r.readSide(row, s, find) })
	}
	rows, err := childRows(row, find)
	if err != nil {
		return err
	}
	for _, i := range inOrder(rows, len(r.objects)) {
		s.child.Add(&r.objects[rows[i].object], &rows[i])
	}
	return nil
}

func (r *related[T]) readSide(row *Row, s *source[T], find *finder) error {
	id, _, _ := row.next()
	i := find.find(id)
	if i < 0 {
		var nobody T // the columns have to be read all the same
		return s.side.Read(row, &nobody)
	}
	if s.met != nil {
		s.met[i] = true
	}
	return s.side.Read(row, &r.objects[i])
}

// rest looks for the rows of those objects that had none in the stretch of a side.
func (r *related[T]) rest() error {
	for i := range r.sources {
		s := &r.sources[i]
		if s.met == nil || !slices.Contains(s.met, false) {
			continue
		}
		var ids []string
		for i, met := range s.met {
			if !met {
				ids = append(ids, r.ids[i])
			}
		}
		find := r.finder(r.order)
		text := Packed(s.side.Key+", "+s.side.Columns) + "FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN " + s.side.Table +
			" WHERE " + s.side.Key + " = wanted" + s.side.also()
		err := r.tx.PackedRows(text, []any{listed(ids, nil)}, func(row *Row) error { return r.readSide(row, s, find) })
		if err != nil {
			return err
		}
	}
	return nil
}

// childRows reads the next array of r, but for rows of other objects.
func childRows(r *Row, find *finder) ([]ChildRow, error) {
	var out []ChildRow
	err := r.each(func(r *Row) error {
		var c ChildRow
		err := r.Scan(&c.Object, &c.Order, &c.A, &c.B, &c.C, &c.Number)
		if c.object = find.find(c.Object); c.object >= 0 {
			out = append(Room(out), c)
		}
		return err
	})
	return out, err
}
