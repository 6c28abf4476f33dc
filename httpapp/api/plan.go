package api

import (
	"fmt"
	"strings"
	"sync"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// maxView is the most attributes a view may have: a set of them is one word.
const maxView = 64

// plan writes one T: its attributes in wire order with their keys already spelled.
type plan[T any] struct {
	comma  string
	fields []planField[T]
}

type planField[T any] struct {
	key    string
	append func(w *wire.Buffer, v *T)
}

func (p *plan[T]) append(w *wire.Buffer, v *T) {
	w.Open('{')
	first := true
	for i := range p.fields {
		start := len(w.B)
		if !first {
			w.Raw(p.comma)
		}
		w.Raw(p.fields[i].key)
		empty := len(w.B)
		p.fields[i].append(w, v)
		if len(w.B) == empty {
			w.B = w.B[:start]
			continue
		}
		first = false
	}
	w.Close('}')
}

// encoder compiles and keeps the plans of one resource.
type encoder[T any] struct {
	view  wire.View[T]
	index map[string]int
	id    func(w *wire.Buffer, v *T)
	max   int
	inner uint64 // the fields that no client sees

	mu    sync.RWMutex
	plans map[planKey]*plan[T] // guarded by mu
}

type planKey struct {
	set    uint64
	spaced bool
}

func newEncoder[T any](table *Table, view wire.View[T], max int) (*encoder[T], error) {
	if len(view) > maxView {
		return nil, fmt.Errorf("%d attributes, at most %d are possible", len(view), maxView)
	}
	e := &encoder[T]{view: view, index: make(map[string]int, len(view)), max: max, plans: make(map[planKey]*plan[T])}
	for i, f := range view {
		a := table.Lookup(f.Name)
		if f.Inner {
			e.inner |= 1 << i
		} else if a == nil || !a.Visible {
			return nil, fmt.Errorf("attribute %q is not a visible one of the table", f.Name)
		}
		if _, twice := e.index[f.Name]; twice {
			return nil, fmt.Errorf("attribute %q is there twice", f.Name)
		}
		e.index[f.Name] = i
		if f.Name == "id" {
			e.id = f.Append
		}
	}
	if e.id == nil && len(view) > 0 && table.Lookup("id") == nil { // known by its first attribute
		e.id = view[0].Append
	}
	if e.id == nil {
		return nil, fmt.Errorf("no attribute %q", "id")
	}
	return e, nil
}

// plan returns the plan for what is to be shown.
func (e *encoder[T]) plan(set uint64, spaced bool) *plan[T] {
	key := planKey{set: set, spaced: spaced}
	e.mu.RLock()
	p := e.plans[key]
	e.mu.RUnlock()
	if p != nil {
		return p
	}
	p = e.compile(key)
	e.mu.Lock()
	if len(e.plans) < e.max {
		e.plans[key] = p
	}
	e.mu.Unlock()
	return p
}

// set is what a client wants to see.
func (e *encoder[T]) set(f neutron.Fields) uint64 {
	if f.Names == nil {
		return (1<<len(e.view) - 1) &^ e.inner
	}
	var set uint64
	for _, name := range f.Names {
		if i, ok := e.index[name]; ok {
			set |= 1 << i
		}
	}
	return set &^ e.inner
}

func (e *encoder[T]) compile(key planKey) *plan[T] {
	p := &plan[T]{comma: ","}
	colon := ":"
	if key.spaced {
		p.comma, colon = ", ", ": "
	}
	for i, f := range e.view {
		if key.set&(1<<i) != 0 {
			p.fields = append(p.fields, planField[T]{key: `"` + f.Name + `"` + colon, append: f.Append})
		}
	}
	return p
}

// idOf reads the id off v's own appender, so that the engine needs to know nothing else about T.
func (e *encoder[T]) idOf(v *T) string {
	var w wire.Buffer
	e.id(&w, v)
	return strings.Trim(string(w.B), `"`)
}

// appendWhole writes all that is visible of an object, as a JSON object.
func (e *encoder[T]) appendWhole(w *wire.Buffer, v *T) {
	e.plan(1<<len(e.view)-1&^e.inner, false).append(w, v)
}
