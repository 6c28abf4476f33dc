package filters

import (
	"bytes"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// CORSOptions are the [cors] section.
type CORSOptions struct {
	// AllowedOrigin has the origins whose pages may call the API, "*" for every one. Empty: no header is ever added.
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

// CORS answers preflight requests and marks answers as readable for pages of allowed origins. As in oslo.middleware, an
// OPTIONS request that nothing inside answers with 2xx becomes an empty 200, with or without an Origin.
func CORS(o CORSOptions) Filter {
	c := cors{CORSOptions: o, headers: simpleHeaders()}
	for _, h := range o.AllowHeaders {
		c.headers = append(c.headers, strings.ToLower(h))
	}
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodOptions {
				c.options(w, r, next)
				return
			}
			if origin := r.Header.Get("Origin"); origin != "" && c.allows(origin) {
				c.mark(w.Header(), origin)
			}
			next.ServeHTTP(w, r)
		})
	}
}

type cors struct {
	CORSOptions
	headers []string // lower case
}

func (c *cors) allows(origin string) bool {
	return slices.Contains(c.AllowedOrigin, origin) || slices.Contains(c.AllowedOrigin, "*")
}

func (c *cors) options(w http.ResponseWriter, r *http.Request, next http.Handler) {
	inner := &held{header: http.Header{}, status: http.StatusOK}
	next.ServeHTTP(inner, r)
	if inner.status >= 200 && inner.status < 300 {
		for name, values := range inner.header {
			w.Header()[name] = values
		}
		w.WriteHeader(inner.status)
		_, _ = w.Write(inner.body.Bytes()) // the client has gone: nobody is left to tell
		return
	}
	c.preflight(w.Header(), r.Header)
	w.WriteHeader(http.StatusOK)
}

// preflight adds the headers of a preflight's answer when origin, method and headers are all allowed.
func (c *cors) preflight(out, in http.Header) {
	origin, method := in.Get("Origin"), in.Get("Access-Control-Request-Method")
	if origin == "" || method == "" || !c.allows(origin) || !slices.Contains(c.AllowMethods, method) {
		return
	}
	var asked []string
	for name := range strings.SplitSeq(in.Get("Access-Control-Request-Headers"), ",") {
		if name = strings.ToLower(strings.TrimSpace(name)); name != "" {
			if !slices.Contains(c.headers, name) {
				return
			}
			asked = append(asked, name)
		}
	}
	out.Set("Vary", "Origin")
	out.Set("Access-Control-Allow-Origin", origin)
	if c.AllowCredentials {
		out.Set("Access-Control-Allow-Credentials", "true")
	}
	if c.MaxAge != 0 {
		out.Set("Access-Control-Max-Age", strconv.FormatInt(c.MaxAge, 10))
	}
	out.Set("Access-Control-Allow-Methods", method)
	if len(asked) > 0 {
		out.Set("Access-Control-Allow-Headers", strings.Join(asked, ","))
	}
}

// mark adds the headers of an ordinary answer.
func (c *cors) mark(out http.Header, origin string) {
	out.Set("Vary", "Origin")
	out.Set("Access-Control-Allow-Origin", origin)
	if c.AllowCredentials {
		out.Set("Access-Control-Allow-Credentials", "true")
	}
	if len(c.ExposeHeaders) > 0 {
		out.Set("Access-Control-Expose-Headers", strings.Join(c.ExposeHeaders, ","))
	}
}

// held keeps an answer until it is decided whether it is used.
type held struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (h *held) Header() http.Header         { return h.header }
func (h *held) WriteHeader(status int)      { h.status = status }
func (h *held) Write(p []byte) (int, error) { return h.body.Write(p) }
