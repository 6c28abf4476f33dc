package api

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
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
	return &Front{engine: e, manners: m, options: o, extensions: newExtensions()}
}

// contextOf returns the request's Context. Where no filter has said on whose behalf a request runs, there is no
// authentication, and so no restriction.
func contextOf(r *http.Request) *neutron.Context {
	rc := neutron.FromContext(r.Context())
	if rc != nil && rc.Known {
		return rc
	}
	anonymous := neutron.Context{Admin: true}
	if rc != nil {
		anonymous = *rc
		anonymous.Admin = true
	}
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
	switch {
	case !ok:
		f.unknown(w, r)
	case path == "":
		f.root(w, r)
	case collection == "extensions" && f.manners.Extensions:
		f.extensions.serve(w, r)
	default:
		f.resource(w, r, f.engine.byName[collection], id, member)
	}
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
	for i, res := range f.engine.resources {
		b.Comma(i)
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

// resource serves a collection or one of its members.
func (f *Front) resource(w http.ResponseWriter, r *http.Request, res *Resource, id string, member bool) {
	switch {
	case res == nil, strings.Contains(id, "/"), f.manners.UUIDs && member && !canonicalUUID(id):
		f.unknown(w, r)
		return
	case f.manners.NegotiatesAccept && !acceptsJSON(r.Header.Get("Accept")):
		f.sendNotAcceptable(w)
		return
	}
	serve, allow := f.collectionMethod(r.Method), "GET, POST, OPTIONS"
	if member {
		serve, allow = f.memberMethod(r.Method), "GET, PUT, DELETE, OPTIONS"
	}
	if serve == nil {
		f.refuse(w, r, allow)
		return
	}
	if !member {
		id = "None"
	}
	body, err := f.body(w, r)
	if err != nil {
		f.sendError(w, r, err)
		return
	}
	req := Request{Context: contextOf(r), Manners: &f.manners, ID: id, Query: r.URL.RawQuery, Body: body}
	req.Base = func() string { return f.base(r) + r.URL.EscapedPath() }
	f.send(w, r, serve(res, r.Context(), &req))
}

type operation func(*Resource, context.Context, *Request) Reply

func (f *Front) collectionMethod(method string) operation {
	switch {
	case method == http.MethodGet, method == http.MethodOptions && f.manners.OptionsReads:
		return (*Resource).Index
	case method == http.MethodPost:
		return (*Resource).Create
	case method == http.MethodPut && f.manners.CollectionWrites:
		return (*Resource).Update
	case method == http.MethodDelete && f.manners.CollectionWrites:
		return (*Resource).Delete
	}
	return nil
}

func (f *Front) memberMethod(method string) operation {
	switch {
	case method == http.MethodGet, method == http.MethodOptions && f.manners.OptionsReads:
		return (*Resource).Show
	case method == http.MethodPut:
		return (*Resource).Update
	case method == http.MethodDelete:
		return (*Resource).Delete
	}
	return nil
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

// unknown answers a path that is not there.
func (f *Front) unknown(w http.ResponseWriter, r *http.Request) {
	if f.manners.Pages {
		routesNotFound("").send(w, r, "text/plain")
		return
	}
	f.sendError(w, r, errNotFound)
}

// refuse answers a method that a path does not have.
func (f *Front) refuse(w http.ResponseWriter, r *http.Request, allow string) {
	if !f.manners.RefusesMethods {
		f.unknown(w, r)
		return
	}
	w.Header().Set("Allow", allow)
	f.sendError(w, r, errMethod)
}

func (f *Front) sendNotAcceptable(w http.ResponseWriter) {
	var b wire.Buffer
	appendError(&b, "HTTPNotAcceptable", malformedText, "")
	sendJSON(w, http.StatusNotAcceptable, b.B)
}

func (f *Front) sendError(w http.ResponseWriter, r *http.Request, err error) {
	f.send(w, r, f.engine.fail(r.Context(), err))
}

// send logs a failure, writes the answer and gives its buffer back.
func (f *Front) send(w http.ResponseWriter, r *http.Request, reply Reply) {
	if reply.Err != nil && f.options.Log != nil {
		f.options.Log(r.Context(), reply.Status, reply.Err)
	}
	if reply.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(reply.RetryAfter))
	}
	if reply.Body == nil {
		w.WriteHeader(reply.Status)
		return
	}
	sendJSON(w, reply.Status, reply.Body.B)
	reply.Release()
}

func sendJSON(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	w.Write(body) // to a client that is gone there is nothing left to say
}

// canonicalUUID reports whether id has the form 8-4-4-4-12, the only one that Newton's router lets through.
func canonicalUUID(id string) bool {
	if len(id) != 36 {
		return false
	}
	for i := range len(id) {
		if dash := i == 8 || i == 13 || i == 18 || i == 23; dash != (id[i] == '-') || !dash && !isHex(id[i]) {
			return false
		}
	}
	return true
}

// routesNotFound is the 404 of the Routes stack.
func routesNotFound(detail string) *webobPage {
	return &webobPage{status: http.StatusNotFound, title: "Not Found", explanation: notFoundText, detail: detail}
}
