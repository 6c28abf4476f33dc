package filters

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CORSOptions are the [cors] section, or one such as [cors.dashboard].
type CORSOptions struct {
	// AllowedOrigin has the origins whose pages may call the API, "*" for every one.
	AllowedOrigin    []string
	AllowCredentials bool
	// ExposeHeaders may be read by a page; MaxAge (seconds) bounds how long a browser keeps a preflight's answer.
	ExposeHeaders []string
	MaxAge        int64
	AllowMethods  []string
	AllowHeaders  []string
}

// simpleHeaders may always be sent by a page (CORS recommendation, section 3).
func simpleHeaders() []string {
	return []string{"accept", "accept-language", "content-type", "cache-control", "content-language", "expires", "last-modified", "pragma"}
}

// CORS answers preflight requests and marks answers as readable for pages of allowed origins. Each origin has the options
// of the first section that names it; an origin that none names has those of "*", and is told "*". As in oslo.middleware,
// an OPTIONS request that nothing inside answers with 2xx becomes an empty 200, with or without an Origin.
func CORS(sections ...CORSOptions) Filter {
	c := cors{}
	for _, o := range sections {
		p := newPolicy(o)
		for _, origin := range o.AllowedOrigin {
			if _, taken := c[origin]; !taken {
				c[origin] = p
			}
		}
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				c.options(w, r, next)
				return
			}
			if origin := r.Header["Origin"]; len(origin) > 0 {
				if p, allowed := c.of(origin[0]); p != nil {
					m := &marked{ResponseWriter: w, policy: p, allowed: allowed}
					next.ServeHTTP(m, r)
					m.mark() // of an answer without a body
					return
				}
			}
			next.ServeHTTP(w, r)
		})
	}
}

// cors has the policy of each allowed origin.
type cors map[string]*policy

// policy is a section of options, ready to be compared with requests and copied into answers.
type policy struct {
	CORSOptions
	headers []string // allowed ones, lower case
	exposed []string
	maxAge  string
}

func newPolicy(o CORSOptions) *policy {
	p := &policy{CORSOptions: o, headers: simpleHeaders(), maxAge: strconv.FormatInt(o.MaxAge, 10)}
	for _, h := range o.AllowHeaders {
		p.headers = append(p.headers, strings.ToLower(h))
	}
	if len(o.ExposeHeaders) > 0 {
		p.exposed = []string{strings.Join(o.ExposeHeaders, ",")}
	}
	return p
}

// of returns the policy of an origin, and the origin as the answer names it; nil when pages from there may not call.
func (c cors) of(origin string) (p *policy, allowed string) {
	if p := c[origin]; p != nil {
		return p, origin
	}
	return c["*"], "*"
}

func (c cors) options(w http.ResponseWriter, r *http.Request, next http.Handler) {
	inner := &held{header: http.Header{}, status: http.StatusOK}
	returned := false
	defer func() {
		if returned || inner.begun { // a panic behind an answer goes on, but the client gets the answer
			c.finish(w, r, inner)
		}
	}()
	next.ServeHTTP(inner, r)
	returned = true
}

// finish passes on what was held, or answers in its place.
func (c cors) finish(w http.ResponseWriter, r *http.Request, inner *held) {
	out := w.Header()
	own := inner.header.Get("Access-Control-Allow-Origin") != "" // what is inside knows better
	if !own && (inner.status < 200 || inner.status >= 300) {
		c.preflight(out, r.Header)
		w.WriteHeader(http.StatusOK)
		return
	}
	for name, values := range inner.header {
		out[name] = values
	}
	if !own {
		c.preflight(out, r.Header)
	}
	w.WriteHeader(inner.status)
	_, _ = w.Write(inner.body.Bytes()) // the client has gone: nobody is left to tell
}

// preflight adds the headers of a preflight's answer when origin, method and headers are all allowed.
func (c cors) preflight(out, in http.Header) {
	origin, method := in.Get("Origin"), in.Get("Access-Control-Request-Method")
	if origin == "" || method == "" {
		return
	}
	p, allowed := c.of(origin)
	if p == nil || !slices.Contains(p.AllowMethods, method) {
		return
	}
	var asked []string
	for name := range strings.SplitSeq(in.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.TrimSpace(name); name != "" {
			if !slices.Contains(p.headers, strings.ToLower(name)) {
				return
			}
			asked = append(asked, name)
		}
	}
	out.Set("Vary", "Origin")
	out.Set("Access-Control-Allow-Origin", allowed)
	if p.AllowCredentials {
		out.Set("Access-Control-Allow-Credentials", "true")
	}
	if p.MaxAge != 0 {
		out.Set("Access-Control-Max-Age", p.maxAge)
	}
	out.Set("Access-Control-Allow-Methods", method)
	if len(asked) > 0 {
		out.Set("Access-Control-Allow-Headers", strings.Join(asked, ","))
	}
}

// marked adds the headers of an ordinary answer when its own are complete.
type marked struct {
	http.ResponseWriter
	policy  *policy
	allowed string
	done    bool
}

func (m *marked) WriteHeader(status int) {
	if status >= http.StatusOK {
		m.mark()
	}
	m.ResponseWriter.WriteHeader(status)
}

func (m *marked) Write(p []byte) (int, error) {
	m.mark()
	return m.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (m *marked) Unwrap() http.ResponseWriter { return m.ResponseWriter }

func (m *marked) mark() {
	out := m.Header()
	if m.done || len(out["Access-Control-Allow-Origin"]) > 0 {
		return
	}
	m.done = true
	vary := "Origin"
	if v := out["Vary"]; len(v) > 0 {
		vary = strings.Join(v, ",") + ",Origin"
	}
	out["Vary"] = []string{vary}
	out["Access-Control-Allow-Origin"] = []string{m.allowed}
	if m.policy.AllowCredentials {
		out["Access-Control-Allow-Credentials"] = []string{"true"}
	}
	if m.policy.exposed != nil {
		out["Access-Control-Expose-Headers"] = m.policy.exposed
	}
}

// held keeps an answer until it is decided whether it is used.
type held struct {
	header http.Header
	status int
	begun  bool
	body   bytes.Buffer
}

func (h *held) Header() http.Header { return h.header }

func (h *held) WriteHeader(status int) {
	if !h.begun && status >= http.StatusOK {
		h.status, h.begun = status, true
	}
}

func (h *held) Write(p []byte) (int, error) {
	h.begun = true
	return h.body.Write(p)
}
