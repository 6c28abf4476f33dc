package wire

import (
	"html"
	"net/http"
	"strconv"
)

// Page is an error as WebOb writes it by itself, for URLs that never reached Neutron's own code.
type Page struct {
	Status      int
	Title       string
	Explanation string
	Detail      string
	// JSON and HTML are bodies of other shapes than the usual; Suffix ends the plain text.
	JSON, HTML, Suffix string
}

// Send writes the page in the form the client's Accept header asks for. Without a header, and where the header names
// neither JSON nor HTML, it is plain text. Wildcards get HTML from today's WebOb and text from Newton's.
func (p *Page) Send(w http.ResponseWriter, r *http.Request, wildcard string) {
	accept := r.Header.Get("Accept")
	form := FirstAccepted(accept, "application/json", "text/html", "*/*")
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
	w.WriteHeader(p.Status)
	w.Write(body) // to a client that is gone there is nothing left to say
}

func (p *Page) line() string { return strconv.Itoa(p.Status) + " " + p.Title }

func (p *Page) asText() []byte {
	if p.Suffix != "" {
		return []byte(p.line() + "\n\n" + p.Explanation + p.Suffix)
	}
	return []byte(p.line() + "\n\n" + p.Explanation + "\n\n " + p.Detail + "  ")
}

func (p *Page) asHTML() []byte {
	body := p.HTML
	if body == "" {
		body = p.Explanation + "<br /><br />\n" + html.EscapeString(p.Detail) + "\n\n\n"
	}
	return []byte("<html>\n <head>\n  <title>" + p.line() + "</title>\n </head>\n <body>\n  <h1>" + p.line() +
		"</h1>\n  " + body + "\n </body>\n</html>")
}

func (p *Page) asJSON() []byte {
	if p.JSON != "" {
		return []byte(p.JSON)
	}
	b := Buffer{Spaced: true}
	b.Open('{')
	b.Key(0, "message")
	b.Str(p.Explanation + "<br /><br />\n" + p.Detail + "\n\n")
	b.Key(1, "code")
	b.Str(p.line())
	b.Key(2, "title")
	b.Str(p.Title)
	b.Close('}')
	return b.B
}
