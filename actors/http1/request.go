package http1

import (
	"net/http"
	"net/url"
	"strings"
)

// build makes the request of a head that has been parsed, of which p is the beginning. All of its strings are parts of one.
func (x *Exchange) build(h *head, p []byte) *Refusal {
	c := x.conn
	all := string(p[:h.size()])
	method, target := methodOf(h.method.in(all)), h.target.in(all)
	if refusal := x.parseTarget(method, target); refusal != nil {
		return refusal
	}
	r := http.Request{
		Method: method, URL: &x.url, RequestURI: target, Proto: protocolOf(h.version.in(all)), ProtoMajor: 1, ProtoMinor: int(h.minor),
		Header: headers(h, all), Host: x.url.Host, RemoteAddr: c.remote, TLS: c.tls, Body: http.NoBody,
	}
	if r.Host == "" && h.hosts > 0 {
		r.Host = h.host.in(all)
	}
	if h.trailers && h.chunked {
		if refusal := trailersMayBe(r.Header); refusal != nil {
			return refusal
		}
	}
	r.Close = h.closes || h.minor == 0 && !h.keeps
	x.keeps10 = h.minor == 0 && h.keeps && !h.closes
	x.asksToKeep = h.asksToKeep
	switch {
	case h.chunked:
		r.ContentLength, r.TransferEncoding = -1, []string{"chunked"}
		x.body.chunked = true
	case h.length > 0:
		r.ContentLength = h.length
		x.body.left = h.length
	}
	x.isHead, x.old, x.closes, x.bodiless = method == http.MethodHead, h.minor == 0, r.Close, r.ContentLength == 0
	if !x.bodiless {
		x.body.x = x
		x.expecting = h.expects && h.minor > 0
		r.Body = &x.body
	}
	x.request = *r.WithContext(&x.context)
	return nil
}

// methodOf and protocolOf are for what nearly all requests have.
func methodOf(m string) string {
	for _, usual := range [...]string{http.MethodGet, http.MethodPost, http.MethodPut, http.MethodDelete, http.MethodHead, http.MethodOptions} {
		if m == usual {
			return usual
		}
	}
	return m
}

func protocolOf(version string) string {
	for _, usual := range [...]string{"HTTP/1.1", "HTTP/1.0"} {
		if version == usual {
			return usual
		}
	}
	return version
}

// headers are those of the head. Host, Transfer-Encoding and, of a chunked body, Trailer are not among them: they are fields of the
// request, or mean nothing to it.
func headers(h *head, all string) http.Header {
	header := make(http.Header, len(h.fields))
	values := make([]string, len(h.fields))
	for i := range h.fields {
		f := &h.fields[i]
		name := f.known
		switch name {
		case "Host", "Transfer-Encoding":
			continue
		case "":
			name = canonical(f.name.in(all))
		}
		value := f.value.in(all)
		if former, again := header[name]; again {
			header[name] = append(former, value)
			continue
		}
		values[0] = value
		header[name], values = values[:1:1], values[1:]
	}
	if h.pragma && len(header["Pragma"]) > 0 && header["Pragma"][0] == "no-cache" {
		if _, ok := header["Cache-Control"]; !ok {
			header["Cache-Control"] = []string{"no-cache"}
		}
	}
	return header
}

// trailersMayBe checks what a client announces, and forgets it.
func trailersMayBe(header http.Header) *Refusal {
	for _, value := range header["Trailer"] {
		for name := range strings.SplitSeq(value, ",") {
			switch canonical(strings.Trim(name, " \t")) {
			case "Transfer-Encoding", "Trailer", "Content-Length":
				return malformed("a header that may not be a trailer")
			}
		}
	}
	delete(header, "Trailer")
	return nil
}

// parseTarget understands the target. Most are a path, with a query or without, in which nothing is escaped.
func (x *Exchange) parseTarget(method, target string) *Refusal {
	if path, query, ok := plainTarget(target); ok {
		x.url.Path, x.url.RawQuery = path, query
		return nil
	}
	authority := method == http.MethodConnect && !strings.HasPrefix(target, "/")
	if authority {
		target = "http://" + target
	}
	u, err := url.ParseRequestURI(target)
	if err != nil {
		return malformed("a malformed target")
	}
	if authority {
		u.Scheme = ""
	}
	x.url = *u
	return nil
}

// plainTarget takes apart a target that needs no decoding.
func plainTarget(target string) (path, query string, ok bool) {
	if target == "" || target[0] != '/' {
		return "", "", false
	}
	for i := range len(target) {
		if kinds[target[i]]&plain != 0 {
			continue
		}
		if target[i] != '?' || i+1 == len(target) { // one that ends in it is remembered as such
			return "", "", false
		}
		return target[:i], target[i+1:], true
	}
	return target, "", true
}
