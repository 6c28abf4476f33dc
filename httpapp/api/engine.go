package api

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// maxPooled is the largest buffer that is kept for another answer; a list of everything must not stay in memory.
const maxPooled = 2 << 20

// Engine answers requests on the registered resources. Register everything before the first request; after that an
// Engine is safe for concurrent use.
type Engine struct {
	options   Options
	tables    map[string]*Table
	resources []*Resource
	bySegment map[string]*Resource // by the first segment of the path below /v2.0
	rules     map[string][]rule    // by the first segment, too
	prefixes  map[string]bool      // what stands in front of some segments
	buffers   sync.Pool
}

// New returns an engine without resources.
func New(o Options) *Engine {
	all := tables(&o)
	for collection, names := range o.WithoutAttributes {
		if t := all[collection]; t != nil {
			all[collection] = t.without(names)
		}
	}
	return &Engine{
		options:   o,
		tables:    all,
		bySegment: make(map[string]*Resource),
		rules:     make(map[string][]rule),
		prefixes:  make(map[string]bool),
		buffers:   sync.Pool{New: func() any { return &wire.Buffer{B: make([]byte, 0, 4096)} }},
	}
}

// Policy returns what decides who may do what; nil when everybody may do everything.
func (e *Engine) Policy() *policy.Enforcer { return e.options.Policy }

// Stack says who serves a resource's URLs in the original.
type Stack uint8

// The stacks.
const (
	// Core resources are the front controller's: networks, subnets, ports.
	Core Stack = iota
	// Shadowed resources are core ones as well, but today an extension's rules lie over their URLs.
	Shadowed
	// Extension resources are the extensions filter's. Pecan serves what the filter lets through of them.
	Extension
)

// Resource is one collection of the API.
type Resource struct {
	// Name is the key of one object ("network"), Collection that of a list ("networks").
	Name, Collection string
	// Segment is what the path calls the collection: mostly with dashes where Collection has underscores.
	Segment string
	// Prefix is what the path has in front of Segment: "metering" in /metering/metering-labels. Mostly there is none. What
	// is below an object of another resource has the prefix that the whole path has.
	Prefix string
	// Stack says who serves the resource.
	Stack Stack
	// NoBulk refuses creates of several objects at once.
	NoBulk bool
	// Unpaged lists are whole and in their own order, whatever limit, marker and sort_key the client asks for.
	Unpaged bool
	// WholeLists shows every attribute in lists, whatever fields asks for, but the id and what policies look at, which must
	// be asked for: the manner of plugins that leave fields to the controller.
	WholeLists bool
	// Emulated lists are sorted and cut by the controller in the original, where page_reverse means nothing without a limit.
	Emulated bool
	// AnyFilter lets filters pass that the resource does not know, without effect.
	AnyFilter bool
	// Always are attributes that are shown whatever fields asks for.
	Always []string

	engine     *Engine
	table      *Table
	operations operations
	actions    []Action
	guards     *guards
	parent     *Resource            // whose objects this one's are below, nil mostly
	below      map[string]*Resource // by the segment behind the id of one of this resource's objects
}

// Lookup returns the resource with that segment of the path, or nil.
func (e *Engine) Lookup(segment string) *Resource { return e.bySegment[segment] }

// Table returns the resource's attributes.
func (r *Resource) Table() *Table { return r.table }

// Register serves svc under collection as a core resource. It fails when the collection has no attribute table, is
// registered already, or when view shows what the table does not.
func Register[T any](e *Engine, name, collection string, svc Service[T], view wire.View[T]) error {
	return RegisterIn(e, Core, name, collection, svc, view)
}

// RegisterIn is Register for a resource of any stack.
func RegisterIn[T any](e *Engine, stack Stack, name, collection string, svc Service[T], view wire.View[T]) error {
	return RegisterAt(e, stack, strings.ReplaceAll(collection, "_", "-"), name, collection, svc, view)
}

// RegisterAt is RegisterIn for a resource whose path does not follow from its name: /availability_zones.
func RegisterAt[T any](e *Engine, stack Stack, segment, name, collection string, svc Service[T], view wire.View[T]) error {
	if e.bySegment[segment] != nil {
		return fmt.Errorf("register %s: registered already", collection)
	}
	r := &Resource{Name: name, Collection: collection, Segment: segment, Stack: stack, engine: e}
	if err := build(e, r, name, &typed[T]{svc: svc}, view); err != nil {
		return err
	}
	e.resources = append(e.resources, r)
	e.bySegment[segment] = r
	return nil
}

// build completes a resource and its operations. rule is what its policy rules call it.
func build[T any](e *Engine, r *Resource, rule string, t *typed[T], view wire.View[T]) error {
	if r.table = e.tables[r.Collection]; r.table == nil {
		return fmt.Errorf("register %s: no attribute table", r.Collection)
	}
	if names := e.options.WithoutAttributes[r.Collection]; len(names) > 0 {
		view = slices.DeleteFunc(slices.Clone(view), func(f wire.Field[T]) bool { return slices.Contains(names, f.Name) })
	}
	enc, err := newEncoder(r.table, view, e.options.MaxPlans)
	if err != nil {
		return fmt.Errorf("register %s: view: %w", r.Collection, err)
	}
	r.guards = newGuards(e.options.Policy, rule, r.table)
	t.name, t.collection, t.enc, t.guards = r.Name, r.Collection, enc, r.guards
	t.hidden = hiddenOf(e.options.Policy, rule, view)
	r.operations = t
	return nil
}

// RegisterUnder is RegisterIn for an extension's resource whose path has a prefix: /metering/metering-labels. Pecan serves
// it without, too.
func RegisterUnder[T any](e *Engine, prefix, name, collection string, svc Service[T], view wire.View[T]) error {
	if e.bySegment[prefix] != nil {
		return fmt.Errorf("register %s: the prefix %s is a resource", collection, prefix)
	}
	err := RegisterIn(e, Extension, name, collection, svc, view)
	if err == nil {
		e.Lookup(strings.ReplaceAll(collection, "_", "-")).Prefix = prefix
		e.prefixes[prefix] = true
	}
	return err
}

// Reply is an answer. Who has written its Body calls Release.
type Reply struct {
	Status int
	// Body is nil for none.
	Body *wire.Buffer
	// RetryAfter is the value of the header of that name, 0 for none.
	RetryAfter int
	// Err is what went wrong, nil for success and for requests their client gave up.
	Err error

	engine *Engine
}

// Release gives the body's buffer back for another answer.
func (r *Reply) Release() {
	r.engine.release(r.Body)
	r.Body = nil
}

func (e *Engine) buffer(spaced bool) *wire.Buffer {
	w := e.buffers.Get().(*wire.Buffer)
	w.Reset()
	w.Spaced = spaced
	return w
}

func (e *Engine) release(w *wire.Buffer) {
	if w != nil && cap(w.B) <= maxPooled {
		e.buffers.Put(w)
	}
}

// fail is the answer to a request that went wrong.
func (e *Engine) fail(ctx context.Context, err error) Reply {
	p := public(err)
	w := e.buffer(true)
	typ := p.Type
	if p.Kind == neutron.NotImplemented && typ == "" {
		typ = "NotImplementedError"
	}
	appendError(w, typ, p.Message, p.Detail)
	reply := Reply{Status: statuses[p.Kind], Body: w, Err: err, engine: e}
	if p.Kind == neutron.Unavailable && strings.HasSuffix(p.Type, "ServiceUnavailable") { // waiting brings no more segments
		reply.RetryAfter = e.options.RetryAfter
	}
	if errors.Is(ctx.Err(), context.Canceled) { // the client is gone: whatever failed did so because of that
		reply.Err = nil
		if p == errInternal {
			reply.Status = statusGone
		}
	}
	return reply
}
