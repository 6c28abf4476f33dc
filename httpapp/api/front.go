package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// FrontOptions are the settings of a front controller.
type FrontOptions struct {
	// Prefix is where the application is mounted when the request's Context has no ScriptName; "" is "/v2.0".
	Prefix string
	// MaxBody is the most bytes a request body may have; 0 or less for no limit.
	MaxBody int64
	// Log is called for every failed request but those their client gave up, with the status answered and the cause,
	// which the client is not told when the status is 500. Nil for none.
	Log func(ctx context.Context, status int, err error)
}

// Front is a front controller: http.Handler for everything below /v2.0, with that prefix already removed from the path.
type Front struct {
	engine     *Engine
	manners    Manners
	options    FrontOptions
	extensions *extensions
}

// NewFront returns the front controller with the given manners over e.
func NewFront(e *Engine, m Manners, o FrontOptions) *Front {
	if o.Prefix == "" {
		o.Prefix = "/v2.0"
	}
	return &Front{engine: e, manners: m, options: o, extensions: newExtensions(e.options.WithoutExtensions)}
}

// contextOf returns the request's Context. Where no filter has said on whose behalf a request runs, there is no
// authentication, and so no restriction.
func contextOf(r *http.Request) *neutron.Context {
	rc := neutron.FromContext(r.Context())
	if rc != nil && rc.Known {
		return rc
	}
	var anonymous neutron.Context
	if rc != nil {
		anonymous = *rc
	}
	anonymous.Admin, anonymous.Service, anonymous.Roles = true, true, neutron.AdminRoles()
	return &anonymous
}

// base returns scheme, host and mount point of the application as the client sees them.
func (f *Front) base(r *http.Request) string {
	prefix := f.options.Prefix
	if rc := neutron.FromContext(r.Context()); rc != nil && rc.ScriptName != "" {
		prefix = rc.ScriptName
	}
	return BaseURL(r) + prefix
}

// ServeHTTP routes by hand: two levels need no more than two cuts, and no regular expression on the way of every request.
func (f *Front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path, ok := f.path(r.URL.Path)
	if !utf8.ValidString(r.URL.Path) {
		f.sendError(w, r, errMalformed)
		return
	}
	collection, id, member := strings.Cut(path, "/")
	rule, args := f.rule(r.Method, path, ok)
	switch {
	case !ok:
		f.unknown(w, r)
	case rule != nil:
		f.follow(w, r, rule, args)
	case path == "":
		f.root(w, r)
	case collection == "extensions" && f.manners.Extensions:
		f.extensions.serve(w, r)
	default:
		res := f.lookup(collection)
		if res == nil && f.engine.prefixes[collection] && !f.manners.CoreOnly { // pecan takes any prefix for any resource (observed)
			collection, id, member = strings.Cut(id, "/")
			res = f.lookup(collection)
		}
		f.resource(w, r, res, id, member)
	}
}

// rule returns the rule that a path of the front controller's own meets where no extensions filter stands in front.
func (f *Front) rule(method, path string, ok bool) (*rule, []string) {
	if !ok || f.manners.CoreOnly {
		return nil, nil
	}
	return f.engine.rule(method, path)
}

// path returns the path without the slash at its front and the suffix .json; ok is false for suffixes of other media
// types and for shapes that the manners do not know.
func (f *Front) path(p string) (path string, ok bool) {
	if f.manners.LooseSlashes {
		p = looseSlashes(p)
	} else if p != "/" && strings.HasSuffix(p, "/") || strings.Contains(p, "//") {
		return "", false
	}
	p = strings.TrimPrefix(p, "/")
	slash := strings.LastIndexByte(p, '/')
	dot := strings.LastIndexByte(p, '.')
	if dot <= slash+1 { // no dot in the last segment but perhaps as its first letter
		return p, true
	}
	switch strings.ToLower(p[dot:]) {
	case ".json":
		return p[:dot], true
	case ".xml", ".html", ".htm", ".txt", ".csv", ".yaml", ".js", ".css", ".png", ".gif", ".jpg", ".pdf", ".zip":
		return "", false
	}
	return p, true // a suffix that names no media type belongs to the id
}

func looseSlashes(p string) string {
	p = strings.Trim(p, "/")
	for strings.Contains(p, "//") {
		p = strings.ReplaceAll(p, "//", "/")
	}
	return p
}

// root is the list of resources at /v2.0/. Without the slash there is nothing (observed).
func (f *Front) root(w http.ResponseWriter, r *http.Request) {
	reads := r.Method == http.MethodGet || r.Method == http.MethodOptions && f.manners.OptionsReads
	switch {
	case f.manners.NegotiatesAccept && !acceptsJSON(r.Header.Get("Accept")):
		f.sendNotAcceptable(w)
	case f.manners.RefusesMethods && !reads:
		f.refuse(w, r, "GET, OPTIONS")
	case r.URL.Path == "":
		f.unknown(w, r)
	case reads || f.manners.AnyMethodRoot:
		sendJSON(w, http.StatusOK, f.resourceList(r))
	default:
		f.unknown(w, r)
	}
}

func (f *Front) resourceList(r *http.Request) []byte {
	base := f.base(r) + "/"
	b := wire.Buffer{Spaced: true}
	b.Raw(`{"resources": [`)
	i := 0
	for _, res := range f.engine.resources {
		if res.Stack == Extension {
			continue
		}
		b.Comma(i)
		i++
		b.Open('{')
		b.Key(0, "name")
		b.Str(res.Name)
		b.Key(1, "collection")
		b.Str(res.Collection)
		b.Key(2, "links")
		appendLinks(&b, []link{{"self", base + res.Collection}})
		b.Close('}')
	}
	b.Raw(`]}`)
	return b.B
}

// lookup returns the resource that the manners know under that segment of the path, or nil.
func (f *Front) lookup(segment string) *Resource {
	res := f.engine.bySegment[segment]
	if res == nil && f.manners.Underscores {
		res = f.engine.bySegment[strings.ReplaceAll(segment, "_", "-")]
	}
	if res == nil && f.manners.Underscores {
		res = f.engine.bySegment[strings.ReplaceAll(segment, "-", "_")]
	}
	if res != nil && res.Stack == Extension && f.manners.CoreOnly {
		return nil
	}
	return res
}

// resource serves a collection or one of its members.
func (f *Front) resource(w http.ResponseWriter, r *http.Request, res *Resource, id string, member bool) {
	var performed *Action
	parent := ""
	if res != nil {
		res, parent, id, member = res.descend(id, member, !f.manners.Underscores)
		id, performed = res.cutAction(id)
	}
	switch {
	case res == nil, strings.Contains(id, "/"), f.manners.UUIDs && member && !canonicalUUID(id):
		f.unknown(w, r)
		return
	case f.manners.NegotiatesAccept && !acceptsJSON(r.Header.Get("Accept")):
		f.sendNotAcceptable(w)
		return
	}
	if performed != nil {
		f.perform(w, r, res, performed, id)
		return
	}
	act, ok, allow := action(0), false, "GET, POST, OPTIONS"
	if member {
		act, ok = f.memberAction(r.Method)
		allow = "GET, PUT, DELETE, OPTIONS"
	} else {
		act, ok = f.collectionAction(r.Method)
		id = "None"
		if parent != "" {
			id = parent // pecan takes the last id that it has seen (observed)
		}
	}
	if !ok {
		c := call{front: f, request: r, writer: w, resource: res, parent: parent, id: id}
		if member && c.refusesCreate() {
			f.send(w, r, c.reply)
			return
		}
		f.refuse(w, r, allow)
		return
	}
	f.callBelow(w, r, res, act, parent, id)
}

// refusesCreate reports whether there is something wrong with the body of a POST to an object, which Pecan looks at
// before it notices that nothing answers to that.
func (c *call) refusesCreate() bool {
	if c.request.Method != http.MethodPost || !c.front.manners.RefusesMethods {
		return false
	}
	c.action, c.rc = create, contextOf(c.request)
	err := c.validateBody()
	var key errNoKey
	if err == nil || errors.As(err, &key) { // a body that says nothing of the resource is not looked at
		return false
	}
	c.translate(err)
	return true
}

func (f *Front) perform(w http.ResponseWriter, r *http.Request, res *Resource, a *Action, id string) {
	if r.Method != a.Method {
		f.refuse(w, r, a.Method)
		return
	}
	f.act(w, r, res, a, id)
}

// callBelow takes a request that is understood along the chain: on a resource below the object parent of another one, or,
// without one, on a resource of its own.
func (f *Front) callBelow(w http.ResponseWriter, r *http.Request, res *Resource, act action, parent, id string) {
	c := call{front: f, request: r, writer: w, resource: res, action: act, parent: parent, id: id}
	c.run()
	f.send(w, r, c.reply)
}

func (f *Front) collectionAction(method string) (act action, ok bool) {
	switch {
	case method == http.MethodGet, method == http.MethodOptions && f.manners.OptionsReads:
		return index, true
	case method == http.MethodPost:
		return create, true
	case method == http.MethodPut && f.manners.CollectionWrites:
		return update, true
	case method == http.MethodDelete && f.manners.CollectionWrites:
		return remove, true
	}
	return 0, false
}

func (f *Front) memberAction(method string) (act action, ok bool) {
	switch {
	case method == http.MethodGet, method == http.MethodOptions && f.manners.OptionsReads:
		return show, true
	case method == http.MethodPut:
		return update, true
	case method == http.MethodDelete:
		return remove, true
	}
	return 0, false
}

// body reads the request's body where one means something.
func (f *Front) body(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	if r.Method == http.MethodGet || r.Method == http.MethodOptions || r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	body := r.Body
	if f.options.MaxBody > 0 {
		if r.ContentLength > f.options.MaxBody {
			return nil, errTooLarge // however slowly it would come
		}
		body = http.MaxBytesReader(w, body, f.options.MaxBody)
	}
	b, err := io.ReadAll(body)
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, errTooLarge
	case err != nil:
		return nil, errInvalidBody()
	}
	return b, nil
}
