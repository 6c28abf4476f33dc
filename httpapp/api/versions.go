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
		pecanNotFound.send(w, r, "text/html")
	case !acceptsJSON(accept):
		notAcceptable(accept).send(w, r, "text/html")
	case r.Method != http.MethodGet && r.Method != http.MethodOptions:
		w.Header().Set("Allow", "GET, OPTIONS")
		methodNotAllowed(r.Method).send(w, r, "text/html")
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
var pecanNotFound = webobPage{
	status: http.StatusNotFound, title: "Not Found", explanation: notFoundText,
	json: `{"code": 404, "title": "Not Found", "description": null}`,
	html: notFoundText + "<br /><br />\n\n\n\n",
}

func notAcceptable(accept string) *webobPage {
	const text = "The resource could not be generated that was acceptable to your browser"
	accept = html.EscapeString(accept)
	return &webobPage{
		status: http.StatusNotAcceptable, title: "Not Acceptable",
		explanation: text + " (content of type " + accept + ". ", suffix: "\n\n ",
		html: text + "\n(content of type " + accept + ". <br /><br />\n",
	}
}

func methodNotAllowed(method string) *webobPage {
	method = html.EscapeString(method)
	text := "The method " + method + " is not allowed for this resource. "
	return &webobPage{
		status: http.StatusMethodNotAllowed, title: "Method Not Allowed",
		json:        `{"code": 405, "title": "Method Not Allowed", "description": ""}`,
		explanation: text, suffix: "\n\n ", html: text + "<br /><br />\n",
	}
}
