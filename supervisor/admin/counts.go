package admin

// Counts are what one process has counted so far of what its requests did.
type Counts struct {
	Requests RequestCounts `json:"requests"`
	Hooks    HookCounts    `json:"hooks,omitempty"`
}

// CountsOf returns copies of what has been counted.
func CountsOf(r *Requests, h *HookFailures) Counts {
	return Counts{Requests: r.Counts(), Hooks: h.Counts()}
}

// newCounts returns counts of nothing.
func newCounts() Counts { return Counts{Requests: make(RequestCounts), Hooks: make(HookCounts)} }

// check refuses counts that another version has made: sums of them would mean nothing.
func (c Counts) check() error { return c.Requests.check() }

// add adds others to c.
func (c Counts) add(others Counts) {
	c.Requests.add(others.Requests)
	c.Hooks.add(others.Hooks)
}
