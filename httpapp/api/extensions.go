package api

import (
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// extension is what GET /v2.0/extensions says about one extension.
type extension struct{ name, alias, description, updated string }

// extensions answers /extensions from texts made once.
type extensions struct {
	list  []byte
	shows map[string][]byte
}

func newExtensions() *extensions {
	x := &extensions{shows: make(map[string][]byte, len(builtExtensions))}
	list := wire.Buffer{Spaced: true}
	list.Raw(`{"extensions": [`)
	for i := range builtExtensions {
		one := wire.Buffer{Spaced: true}
		builtExtensions[i].append(&one)
		list.Comma(i)
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

// Extensions is the extensions filter of api-paste.ini: it answers /extensions and /extensions/{alias} and passes
// everything else on. Paths are as Front sees them, without /v2.0. Only extensions that this version really has are listed.
func Extensions(next http.Handler) http.Handler {
	x := newExtensions()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p := strings.TrimLeft(r.URL.Path, "/")
		if rest, ok := strings.CutPrefix(p, "extensions"); ok && (rest == "" || rest[0] == '/' || strings.EqualFold(rest, ".json")) {
			x.serve(w, r)
			return
		}
		next.ServeHTTP(w, r)
	})
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
		routesNotFound("Extension with alias "+alias+" does not exist").send(w, r, "text/html")
	case !member && r.Method == http.MethodPost, member && (r.Method == http.MethodDelete || r.Method == http.MethodPut):
		routesNotFound("Resource not found.").send(w, r, "text/html")
	default:
		sendNotFound(w)
	}
}

func sendNotFound(w http.ResponseWriter) {
	var b wire.Buffer
	appendError(&b, errNotFound.Type, errNotFound.Message, "")
	sendJSON(w, http.StatusNotFound, b.B)
}
