package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// maxPooled is the largest buffer that is kept for another answer; a list of everything must not stay in memory.
const maxPooled = 1 << 20

// Engine answers requests on the registered resources. Register everything before the first request; after that an
// Engine is safe for concurrent use.
type Engine struct {
	options   Options
	tables    map[string]*Table
	resources []*Resource
	byName    map[string]*Resource // by collection
	buffers   sync.Pool
}

// New returns an engine without resources.
func New(o Options) *Engine {
	return &Engine{
		options: o,
		tables:  tables(&o),
		byName:  make(map[string]*Resource),
		buffers: sync.Pool{New: func() any { return &wire.Buffer{B: make([]byte, 0, 4096)} }},
	}
}

// Resource is one collection of the API.
type Resource struct {
	// Name is the key of one object ("network"), Collection that of a list and the path ("networks").
	Name, Collection string

	engine     *Engine
	table      *Table
	operations operations
}

// Lookup returns the resource of that collection, or nil.
func (e *Engine) Lookup(collection string) *Resource { return e.byName[collection] }

// Table returns the resource's attributes.
func (r *Resource) Table() *Table { return r.table }

// Register serves svc under collection. It fails when the collection has no attribute table, is registered already, or
// when view shows what the table does not.
func Register[T any](e *Engine, name, collection string, svc Service[T], view wire.View[T]) error {
	table := e.tables[collection]
	if table == nil {
		return fmt.Errorf("register %s: no attribute table", collection)
	}
	if e.byName[collection] != nil {
		return fmt.Errorf("register %s: registered already", collection)
	}
	enc, err := newEncoder(table, view, e.options.MaxPlans)
	if err != nil {
		return fmt.Errorf("register %s: view: %w", collection, err)
	}
	r := &Resource{Name: name, Collection: collection, engine: e, table: table}
	r.operations = &typed[T]{name: name, collection: collection, svc: svc, enc: enc}
	e.resources = append(e.resources, r)
	e.byName[collection] = r
	return nil
}

// Request is one call on a resource as a front controller understood it.
type Request struct {
	Context *neutron.Context
	Manners *Manners
	// ID is the object's id; not used by Index and Create.
	ID string
	// Query is the raw query string.
	Query string
	Body  []byte
	// Base returns scheme, host and path of the request, for links; it is called only where there are any.
	Base func() string
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

// answer runs a step that writes a body.
func (e *Engine) answer(ctx context.Context, m *Manners, status int, step func(w *wire.Buffer) error) Reply {
	w := e.buffer(m.Spaced)
	if err := step(w); err != nil {
		e.release(w)
		return e.fail(ctx, err)
	}
	return Reply{Status: status, Body: w, engine: e}
}

// Index answers a list request.
func (r *Resource) Index(ctx context.Context, req *Request) Reply {
	return r.engine.answer(ctx, req.Manners, http.StatusOK, func(w *wire.Buffer) error {
		ps, err := parseParams(req.Query)
		if err != nil {
			return err
		}
		q, err := r.query(ps)
		if err != nil {
			return err
		}
		pg := page{params: ps, limit: q.Limit, reverse: q.Reverse}
		if q.Limit > 0 {
			pg.base = prefixed(r.engine.options.LinkPrefix, req.Base())
		}
		return r.operations.index(ctx, req.Context, q, r.fields(ps), &pg, w)
	})
}

// Show answers a request for one object.
func (r *Resource) Show(ctx context.Context, req *Request) Reply {
	return r.engine.answer(ctx, req.Manners, http.StatusOK, func(w *wire.Buffer) error {
		ps, err := parseParams(req.Query)
		if err != nil {
			return err
		}
		if len(ps) > 0 && req.Manners.ShowChecksQuery {
			if _, err := r.query(ps); err != nil {
				return err
			}
		}
		return r.operations.show(ctx, req.Context, req.ID, r.fields(ps), w)
	})
}

// Create answers a request to make one object, or several at once.
func (r *Resource) Create(ctx context.Context, req *Request) Reply {
	return r.engine.answer(ctx, req.Manners, http.StatusCreated, func(w *wire.Buffer) error {
		body, err := r.read(req.Body, req.Manners, true)
		if err != nil {
			return err
		}
		for i := range body.items {
			if body.items[i], err = r.table.toCreate(req.Context, body.items[i]); err != nil {
				return err
			}
		}
		return r.operations.create(ctx, req.Context, body, w)
	})
}

// Update answers a request to change one object.
func (r *Resource) Update(ctx context.Context, req *Request) Reply {
	return r.engine.answer(ctx, req.Manners, http.StatusOK, func(w *wire.Buffer) error {
		body, err := r.read(req.Body, req.Manners, false)
		var key errNoKey
		if errors.As(err, &key) && !req.Manners.RoutesBodies {
			// Pecan looks for the object before it notices that the body says nothing about it.
			if err := r.operations.exists(ctx, req.Context, req.ID); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		in, err := r.table.toUpdate(req.Context, body.items[0])
		if err != nil {
			return err
		}
		return r.operations.update(ctx, req.Context, req.ID, in, w)
	})
}

// Delete answers a request to remove one object. A request with a body is refused, with Pecan's manners only when the
// object exists.
func (r *Resource) Delete(ctx context.Context, req *Request) Reply {
	if len(req.Body) > 0 {
		if !req.Manners.RoutesBodies {
			if err := r.operations.exists(ctx, req.Context, req.ID); err != nil {
				return r.engine.fail(ctx, err)
			}
		}
		return r.engine.fail(ctx, errDeleteBody)
	}
	if err := r.operations.remove(ctx, req.Context, req.ID); err != nil {
		return r.engine.fail(ctx, err)
	}
	return Reply{Status: http.StatusNoContent, engine: r.engine}
}
