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

// reading is how far the rows of the statement have been read.
type reading[T any] struct {
	source *source[T] // whose rows come now, nil before the first and behind the last
	find   *finder
	rows   []ChildRow // of a child
}

// turnTo puts the rows of the child that has been read into their objects, and begins with another source.
func (r *related[T]) turnTo(now *reading[T], s *source[T]) {
	if len(now.rows) > 0 {
		for _, i := range inOrder(now.rows, len(r.objects)) {
			now.source.child.Add(&r.objects[now.rows[i].object], &now.rows[i])
		}
		now.rows = now.rows[:0]
	}
	if now.source = s; s == nil {
		return
	}
	order := r.order
	if s.reach == byKey {
		order = r.keyOrder()
	}
	now.find = r.finder(order)
}

// read reads a row of a source, but for one of another object.
func (r *related[T]) read(row *Row, now *reading[T]) error {
	for range r.width - now.source.width() {
		row.next()
	}
	if now.source.side != nil {
		return r.readSide(row, now.source, now.find)
	}
	var c ChildRow
	err := row.Scan(&c.Object, &c.Order, &c.A, &c.B, &c.C, &c.Number)
	if c.object = now.find.find(c.Object); c.object >= 0 {
		if now.rows == nil {
			now.rows = make([]ChildRow, 0, len(r.objects))
		}
		now.rows = append(Room(now.rows), c)
	}
	return err
}

func (r *related[T]) readSide(row *Row, s *source[T], find *finder) error {
	id, _ := row.next()
	i := find.find(id.String())
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
		text := "SELECT " + s.side.columns() + " FROM (SELECT value AS wanted FROM json_each(?)) CROSS JOIN " + s.side.Table +
			" WHERE " + s.side.Key + " = wanted" + s.side.also()
		err := r.tx.RowsOf(text, []any{listed(ids, nil)}, func(row *Row) error { return r.readSide(row, s, find) })
		if err != nil {
			return err
		}
	}
	return nil
}
