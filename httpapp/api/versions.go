package api

import (
	"html"
	"net/http"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Versions returns the application at /: the list of API versions for GET and OPTIONS, and 404 for every path that no
// other application serves.
func Versions() http.Handler { return http.HandlerFunc(serveVersions) }

func serveVersions(w http.ResponseWriter, r *http.Request) {
	accept := r.Header.Get("Accept")
	switch {
	case strings.Trim(r.URL.Path, "/") != "":
		pecanNotFound.Send(w, r, "text/html")
	case !acceptsJSON(accept):
		notAcceptable(accept).Send(w, r, "text/html")
	case r.Method != http.MethodGet && r.Method != http.MethodOptions:
		w.Header().Set("Allow", "GET, OPTIONS")
		methodNotAllowed(r.Method).Send(w, r, "text/html")
	default:
		sendJSON(w, http.StatusOK, versionList(BaseURL(r)))
	}
}

func versionList(base string) []byte {
	b := wire.Buffer{Spaced: true}
	b.Raw(`{"versions": [{"id": "v2.0", "status": "CURRENT", "links": [{"rel": "self", "href": `)
	b.Str(base + "/v2.0/")
	b.Raw(`}]}]}`)
	return b.B
}

// pecanNotFound is the 404 of pecan's error middleware.
var pecanNotFound = wire.Page{
	Status: http.StatusNotFound, Title: "Not Found", Explanation: notFoundText,
	JSON: `{"code": 404, "title": "Not Found", "description": null}`,
	HTML: notFoundText + "<br /><br />\n\n\n\n",
}

func notAcceptable(accept string) *wire.Page {
	const text = "The resource could not be generated that was acceptable to your browser"
	accept = html.EscapeString(accept)
	return &wire.Page{
		Status: http.StatusNotAcceptable, Title: "Not Acceptable",
		Explanation: text + " (content of type " + accept + ". ", Suffix: "\n\n ",
		HTML: text + "\n(content of type " + accept + ". <br /><br />\n",
	}
}

func methodNotAllowed(method string) *wire.Page {
	method = html.EscapeString(method)
	text := "The method " + method + " is not allowed for this resource. "
	return &wire.Page{
		Status: http.StatusMethodNotAllowed, Title: "Method Not Allowed",
		JSON:        `{"code": 405, "title": "Method Not Allowed", "description": ""}`,
		Explanation: text, Suffix: "\n\n ", HTML: text + "<br /><br />\n",
	}
}
