package api

import (
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// extension is what GET /v2.0/extensions says about one extension.
type extension struct{ name, alias, description, updated string }

// extensions answers /extensions from texts made once.
type extensions struct {
	list  []byte
	shows map[string][]byte
}

func newExtensions(without []string) *extensions {
	x := &extensions{shows: make(map[string][]byte, len(builtExtensions))}
	list := wire.Buffer{Spaced: true}
	list.Raw(`{"extensions": [`)
	for i := range builtExtensions {
		if slices.Contains(without, builtExtensions[i].alias) {
			continue
		}
		one := wire.Buffer{Spaced: true}
		builtExtensions[i].append(&one)
		list.Comma(len(x.shows))
		list.Raw(string(one.B))
		x.shows[builtExtensions[i].alias] = []byte(`{"extension": ` + string(one.B) + `}`)
	}
	list.Raw(`]}`)
	x.list = list.B
	return x
}

func (e *extension) append(w *wire.Buffer) {
	w.Open('{')
	w.Key(0, "name")
	w.Str(e.name)
	w.Key(1, "alias")
	w.Str(e.alias)
	w.Key(2, "description")
	w.Str(e.description)
	w.Key(3, "updated")
	w.Str(e.updated)
	w.Key(4, "links")
	w.Raw("[]}")
}

// Extensions is the extensions filter of api-paste.ini: a front controller of its own for the URLs of extensions, and
// for /extensions, whose list names only what this version really has. Everything else it passes on.
type Extensions struct {
	front *Front
	next  http.Handler
}

// NewExtensions returns the filter in front of next.
func NewExtensions(e *Engine, m Manners, o FrontOptions, next http.Handler) *Extensions {
	return &Extensions{front: NewFront(e, m, o), next: next}
}

// ServeHTTP answers or passes on. Paths are as Front sees them, without /v2.0.
func (x *Extensions) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := strings.TrimLeft(r.URL.Path, "/")
	if rest, ok := strings.CutPrefix(p, "extensions"); ok && (rest == "" || rest[0] == '/' || strings.EqualFold(rest, ".json")) {
		x.front.extensions.serve(w, r)
		return
	}
	if rule, args := x.front.engine.rule(r.Method, r.URL.Path); rule != nil {
		x.front.follow(w, r, rule, args)
		return
	}
	res, parent, id, member := x.match(r.URL.Path)
	if res == nil {
		x.next.ServeHTTP(w, r)
		return
	}
	act, ok := x.front.collectionAction(r.Method)
	if member {
		act, ok = x.front.memberAction(r.Method)
	}
	object, performed := res.cutAction(id)
	switch {
	case performed != nil && r.Method == performed.Method:
		x.front.act(w, r, res, performed, object)
	case !ok:
		x.next.ServeHTTP(w, r)
	case act == show && id == "new", act == show && strings.HasSuffix(id, "/edit"):
		// Rules of Routes for forms that no controller has. Newton fails with 500 there.
		x.front.sendError(w, r, errNotFound)
	case strings.Contains(id, "/"):
		x.next.ServeHTTP(w, r)
	default:
		x.front.callBelow(w, r, res, act, parent, id)
	}
}

// match finds the resource whose rules fit the path: /collection, /collection.json, /collection/id, and /collection/id
// with a suffix. Routes takes the suffix for a format, and the controller puts any but .json back behind the id.
func (x *Extensions) match(path string) (res *Resource, parent, id string, member bool) {
	if len(path) < 2 || path[0] != '/' {
		return nil, "", "", false
	}
	segment, id, member := strings.Cut(path[1:], "/")
	prefix := ""
	if x.front.engine.prefixes[segment] {
		prefix = segment
		segment, id, member = strings.Cut(id, "/")
	}
	if !member {
		segment = strings.TrimSuffix(segment, ".json")
	}
	if res = x.front.engine.bySegment[segment]; res == nil {
		return nil, "", "", false
	}
	res, parent, id, member = res.descend(id, member, !x.front.manners.Strays)
	switch {
	case res.Prefix != prefix && (res.parent == nil || !x.front.manners.Strays):
		return nil, "", "", false
	case res.Stack == Core, res.Stack == Shadowed && !x.front.manners.Shadows:
		return nil, "", "", false
	case member && (id == "" || strings.HasSuffix(id, "/") || !utf8.ValidString(id)) || !utf8.ValidString(parent):
		return nil, "", "", false
	}
	if stem, ok := strings.CutSuffix(id, ".json"); ok && stem != "" {
		id = stem
	}
	return res, parent, id, member
}

// serve has the answers observed on 2026.1, where some methods meet the Routes stack and its page and others pecan and
// its NeutronError. Requests that make the reference fail with 500 (PUT of a member) get the page.
func (x *extensions) serve(w http.ResponseWriter, r *http.Request) {
	_, alias, member := strings.Cut(looseSlashes(strings.TrimPrefix(r.URL.Path, "/")), "/")
	alias = strings.TrimSuffix(alias, ".json")
	reads := r.Method == http.MethodGet || r.Method == http.MethodOptions
	switch {
	case strings.Contains(alias, "/"):
		sendNotFound(w)
	case reads && !member:
		sendJSON(w, http.StatusOK, x.list)
	case reads && x.shows[alias] != nil:
		sendJSON(w, http.StatusOK, x.shows[alias])
	case reads:
		routesNotFound("Extension with alias "+alias+" does not exist").Send(w, r, "text/html")
	case !member && r.Method == http.MethodPost, member && (r.Method == http.MethodDelete || r.Method == http.MethodPut):
		routesNotFound("Resource not found.").Send(w, r, "text/html")
	default:
		sendNotFound(w)
	}
}

func sendNotFound(w http.ResponseWriter) {
	var b wire.Buffer
	appendError(&b, errNotFound.Type, errNotFound.Message, "")
	sendJSON(w, http.StatusNotFound, b.B)
}
