package http1

// kept is what is kept of an answer until it is written, behind room for its head. At first it has the room of its connection, which
// is not counted.
type kept struct {
	budget  *Budget
	content []byte
	counted int64 // bytes of the budget
}

// fits reports whether there is room for p already.
func (k *kept) fits(p []byte) bool { return len(k.content)+len(p) <= cap(k.content)-tailroom }

// add keeps p, if there is room for it to be had.
func (k *kept) add(p []byte) bool {
	if !k.fits(p) && !k.grow(len(p)) {
		return false
	}
	k.content = append(k.content, p...)
	return true
}

// grow makes room for n bytes. What it counts is the body's.
func (k *kept) grow(n int) bool {
	size := max(len(k.content)-headroom+n, 2*int(k.counted), 2*(outSize-headroom))
	more := int64(size) - k.counted
	if !k.budget.Take(more) {
		return false
	}
	k.counted += more
	k.content = append(make([]byte, 0, headroom+size+tailroom), k.content...)
	return true
}

// release forgets it.
func (k *kept) release() {
	if k.counted > 0 {
		k.budget.Give(k.counted)
	}
	k.content, k.counted = nil, 0
}
