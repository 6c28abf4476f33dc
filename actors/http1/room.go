package http1

import "sync"

// room is the memory with which a connection reads and writes. One that waits for long has none.
type room struct {
	in    []byte // what has been read
	out   []byte // what is to be written
	head  head
	lines []line
	text  []byte // of an answer's head
}

const (
	inSize = 4 << 10 // at first; a head that is longer gets more
	// headroom is in front of an answer's body, for its head; tailroom behind it, for the end of its chunks.
	headroom = 1 << 10
	tailroom = 16
	outSize  = headroom + 5<<10
)

// rooms are those that nobody has.
type rooms struct{ pool sync.Pool }

func (r *rooms) get() *room {
	if m, ok := r.pool.Get().(*room); ok {
		return m
	}
	return &room{in: make([]byte, inSize), out: make([]byte, headroom, outSize), text: make([]byte, 0, headroom)}
}

// put takes one back, but not what a long head made of it. Nothing in it refers to a former answer.
func (r *rooms) put(m *room) {
	if len(m.in) != inSize || cap(m.text) > outSize {
		return
	}
	clear(m.lines[:cap(m.lines)])
	r.pool.Put(m)
}
