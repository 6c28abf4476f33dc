package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/policy"
)

// hook is one step of every request on a resource.
type hook struct {
	// name and priority are those of Pecan's hook with this purpose. Newton's legacy controller took the same steps
	// inside its own methods.
	name     string
	priority int
	// run does the step; nil means that the step is not built, and that every request passes as if it were not there.
	run func(*call) error
	// failed answers for an error of any step behind this one.
	failed func(*call, error)
}

// chain is every step in the order in which a request takes them: Pecan's before hooks by priority, then the
// controller. What Pecan does on the way back is done ahead of the controller, so that nothing is read or written that
// nobody asked for: the controller writes its answer with the fields that UserFilterHook has chosen.
var chain = [...]hook{
	// On whose behalf the request runs. The filters of the pipeline have read that from the headers.
	{name: "ContextHook", priority: 95, run: (*call).takeContext},
	// What an error becomes on the wire.
	{name: "ExceptionTranslationHook", priority: 100, failed: (*call).translate},
	// The body, and each attribute in it, by the resource's table.
	{name: "BodyValidationHook", priority: 120, run: (*call).validateBody},
	// A port or subnet on a foreign network that is not shared.
	{name: "OwnershipValidationHook", priority: 125, run: (*call).checkOwnership},
	// The limits of projects. What Pecan does by reservations and their commit, the transaction of the controller does.
	{name: "QuotaEnforcementHook", priority: 130, run: (*call).enforceQuota},
	// Notifications <resource>.<verb>.start and .end. Not built.
	{name: "NotifierHook", priority: 135},
	// If-Match, filters, sorting, paging.
	{name: "QueryParametersHook", priority: 139, run: (*call).readQuery},
	// May the caller do that? What of the answer he may see is decided where it is written.
	{name: "PolicyHook", priority: 140, run: (*call).enforce},
	// The fields that the caller wants to see. On the way back in Pecan, outermost.
	{name: "UserFilterHook", priority: 90, run: (*call).chooseFields},
	// The domain, and its answer as JSON.
	{name: "controller", run: (*call).control},
}

// action is what a request wants of a resource.
type action uint8

const (
	index action = iota
	show
	create
	update
	remove
	perform // an Action
	follow  // a Rule
)

// call is one request on a resource on its way along the chain.
type call struct {
	front    *Front
	request  *http.Request
	writer   http.ResponseWriter // for the limit on the body only
	resource *Resource
	action   action
	member   *Action // of a perform
	id       string
	parent   string // the object that those of a resource below another one are below

	rule      *rule    // of a follow
	arguments []string // of a follow

	rc       *neutron.Context
	caller   policy.Caller   // where there is a policy
	limited  context.Context // the request's with limits and conditions, nil for none
	body     parsed          // of a create or update, converted and validated
	argument any             // the body of a perform or follow
	params   params          // of an index or show
	query    *neutron.Query  // of an index
	fields   neutron.Fields  // to be shown by an index or show
	reply    Reply
}

// run takes the request along the chain. reply is set behind it.
func (c *call) run() {
	var failed func(*call, error)
	for i := range chain {
		h := &chain[i]
		if h.failed != nil {
			failed = h.failed
		}
		if h.run == nil {
			continue
		}
		if err := h.run(c); err != nil {
			failed(c, err)
			return
		}
	}
}

func (c *call) context() context.Context {
	if c.limited != nil {
		return c.limited
	}
	return c.request.Context()
}

func (c *call) takeContext() error {
	c.rc = contextOf(c.request)
	return nil
}

func (c *call) translate(err error) { c.reply = c.front.engine.fail(c.context(), err) }

// validateBody reads and checks the body of the requests that have one.
func (c *call) validateBody() error {
	raw, err := c.front.body(c.writer, c.request)
	if err != nil {
		return err
	}
	switch c.action {
	case create:
		return c.validateCreate(raw)
	case update:
		return c.validateUpdate(raw)
	case remove:
		return c.refuseBody(raw)
	case perform, follow:
		return c.readAction(raw)
	}
	return nil
}

func (c *call) validateCreate(raw []byte) error {
	var err error
	if c.body, err = c.resource.read(raw, &c.front.manners, true); err != nil {
		return err
	}
	for i, item := range c.body.items {
		if c.body.items[i], err = c.resource.table.toCreate(c.rc, item); err != nil {
			return err
		}
		if p := c.resource.parent; p != nil {
			c.body.items[i][ExtParent(p.Name)] = c.parent
		}
	}
	return c.body.behind
}

func (c *call) validateUpdate(raw []byte) error {
	var err error
	c.body, err = c.resource.read(raw, &c.front.manners, false)
	var key errNoKey
	if errors.As(err, &key) && !c.front.manners.RoutesBodies {
		// Pecan looks for the object before it notices that the body says nothing about it.
		if err := c.operations().exists(c.context(), c.rc, c.id); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	c.body.items[0], err = c.resource.table.toUpdate(c.rc, c.body.items[0])
	return err
}

// refuseBody refuses the body of a delete, with Pecan's manners only when the object exists.
func (c *call) refuseBody(raw []byte) error {
	if len(raw) == 0 {
		return nil
	}
	if !c.front.manners.RoutesBodies {
		if err := c.operations().exists(c.context(), c.rc, c.id); err != nil {
			return err
		}
	}
	return errDeleteBody
}

// readQuery reads the query string of an index. That of a show means nothing but fields, though Pecan checks it.
func (c *call) readQuery() error {
	if err := c.readMatch(); err != nil {
		return err
	}
	if c.action != index && c.action != show {
		return nil
	}
	var err error
	if c.params, err = parseParams(c.request.URL.RawQuery); err != nil {
		return err
	}
	if c.action == index || len(c.params) > 0 && c.front.manners.ShowChecksQuery {
		c.query, err = c.resource.query(c.params)
	}
	return err
}

func (c *call) chooseFields() error {
	if c.action == follow {
		return nil
	}
	c.fields = c.resource.fields(c.params)
	if c.action == index && c.front.manners.RoutesBodies { // pecan cuts every answer to fields
		c.fields = c.resource.listed(c.fields)
	}
	return nil
}

// control calls the domain and writes its answer.
func (c *call) control() error {
	if c.action == follow {
		return c.followRule()
	}
	e, o := c.front.engine, c.operations()
	if c.action == remove {
		c.reply = Reply{Status: http.StatusNoContent, engine: e}
		return o.remove(c.context(), c.rc, c.id)
	}
	w := e.buffer(c.front.manners.Spaced)
	c.reply = Reply{Status: http.StatusOK, Body: w, engine: e}
	var err error
	switch c.action {
	case index:
		err = o.index(c.context(), c.rc, c.looker(), c.query, c.fields, c.page(), w)
	case show:
		err = o.show(c.context(), c.rc, c.looker(), c.id, c.fields, w)
	case create:
		c.reply.Status = http.StatusCreated
		err = o.create(c.context(), c.rc, c.looker(), c.body, w)
	case update:
		err = o.update(c.context(), c.rc, c.looker(), c.id, c.body.items[0], w)
	case perform:
		err = c.member.Do(c.context(), c.rc, c.id, c.argument, w)
	}
	if err != nil {
		e.release(w)
	}
	return err
}

// page is what the links of an index are made of.
func (c *call) page() *page {
	p := &page{params: c.params, limit: c.query.Limit, reverse: c.query.Reverse}
	if p.limit > 0 {
		base := c.front.base(c.request) + c.request.URL.EscapedPath()
		p.base = prefixed(c.front.engine.options.LinkPrefix, base)
	}
	return p
}
