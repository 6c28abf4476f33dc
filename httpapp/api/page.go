package api

import (
	"html"
	"net/http"
	"strconv"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// webobPage is an error as WebOb writes it by itself, for URLs that never reached Neutron's own code.
type webobPage struct {
	status             int
	title              string
	explanation        string
	detail             string
	json, html, suffix string // bodies of other shapes than the usual; suffix ends the plain text
}

// send writes the page in the form the client's Accept header asks for. Without a header, and where the header names
// neither JSON nor HTML, it is plain text. Wildcards get HTML from today's WebOb and text from Newton's.
func (p *webobPage) send(w http.ResponseWriter, r *http.Request, wildcard string) {
	accept := r.Header.Get("Accept")
	form := firstAccepted(accept, "application/json", "text/html", "*/*")
	if form == "*/*" {
		form = wildcard
	}
	h := w.Header()
	var body []byte
	switch form {
	case "application/json":
		h.Set("Content-Type", "application/json")
		body = p.asJSON()
	case "text/html":
		h.Set("Content-Type", "text/html; charset=UTF-8")
		body = p.asHTML()
	default:
		h.Set("Content-Type", "text/plain; charset=UTF-8")
		body = p.asText()
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(p.status)
	w.Write(body) // to a client that is gone there is nothing left to say
}

func (p *webobPage) line() string { return strconv.Itoa(p.status) + " " + p.title }

func (p *webobPage) asText() []byte {
	if p.suffix != "" {
		return []byte(p.line() + "\n\n" + p.explanation + p.suffix)
	}
	return []byte(p.line() + "\n\n" + p.explanation + "\n\n " + p.detail + "  ")
}

func (p *webobPage) asHTML() []byte {
	body := p.html
	if body == "" {
		body = p.explanation + "<br /><br />\n" + html.EscapeString(p.detail) + "\n\n\n"
	}
	return []byte("<html>\n <head>\n  <title>" + p.line() + "</title>\n </head>\n <body>\n  <h1>" + p.line() +
		"</h1>\n  " + body + "\n </body>\n</html>")
}

func (p *webobPage) asJSON() []byte {
	if p.json != "" {
		return []byte(p.json)
	}
	b := wire.Buffer{Spaced: true}
	b.Open('{')
	b.Key(0, "message")
	b.Str(p.explanation + "<br /><br />\n" + p.detail + "\n\n")
	b.Key(1, "code")
	b.Str(p.line())
	b.Key(2, "title")
	b.Str(p.title)
	b.Close('}')
	return b.B
}
