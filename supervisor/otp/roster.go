package otp

import "iter"

// roster is a list without duplicates that keeps its order and finds and removes any element in constant time, because
// a supervisor may have many thousand children that come and go. A removed element leaves a hole; the holes are closed
// once they are more than half of the list. The zero T is no element.
type roster[T comparable] struct {
	slots []T       // in order; zero is a hole
	at    map[T]int // where an element is in slots
}

func (r *roster[T]) add(t T) {
	if r.at == nil {
		r.at = map[T]int{}
	}
	r.at[t] = len(r.slots)
	r.slots = append(r.slots, t)
}

// remove reports whether t was there.
func (r *roster[T]) remove(t T) bool {
	i, ok := r.at[t]
	if !ok {
		return false
	}
	var hole T
	delete(r.at, t)
	r.slots[i] = hole
	if len(r.slots) > 2*len(r.at) {
		r.slots = r.list()
		for i, t := range r.slots {
			r.at[t] = i
		}
	}
	return true
}

func (r *roster[T]) len() int { return len(r.at) }

// all yields the elements in order; the roster must not change meanwhile.
func (r *roster[T]) all() iter.Seq[T] {
	return func(yield func(T) bool) {
		var hole T
		for _, t := range r.slots {
			if t != hole && !yield(t) {
				return
			}
		}
	}
}

// list is a copy.
func (r *roster[T]) list() []T {
	out := make([]T, 0, r.len())
	for t := range r.all() {
		out = append(out, t)
	}
	return out
}
