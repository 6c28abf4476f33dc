package filters

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/rs/zerolog"
)

// maxBodyShown bounds, in bytes, what Debug keeps of an answer's body.
const maxBodyShown = 2 << 10

// Debug writes each request and its answer into a log at DEBUG, with secrets masked and at a bounded length. The original
// prints them, tokens and all, to standard output. Where the log has no DEBUG it does nothing.
func Debug(logger func(*http.Request) zerolog.Logger) Filter {
	return func(next http.Handler) http.Handler {
		return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			log := logger(r)
			e := log.Debug()
			if !e.Enabled() {
				next.ServeHTTP(w, r)
				return
			}
			e.Msg("REQUEST ENVIRON " + environ(r))
			answer := &overheard{ResponseWriter: w}
			next.ServeHTTP(answer, r)
			log.Debug().Msg("RESPONSE HEADERS " + answer.text())
			log.Debug().Msg("BODY " + string(answer.body))
		})
	}
}

// environ is what a WSGI environment says of a request.
func environ(r *http.Request) string {
	return RequestText(r) + "\nREMOTE_ADDR: " + r.RemoteAddr + "\nwsgi.url_scheme: " + Scheme(r)
}

// Scheme is the scheme a client used: what a proxy's filter has said, or that of the connection.
func Scheme(r *http.Request) string {
	switch {
	case r.URL.Scheme != "":
		return r.URL.Scheme
	case r.TLS != nil:
		return "https"
	}
	return "http"
}

// overheard remembers an answer's status and the beginning of its body.
type overheard struct {
	http.ResponseWriter
	status int
	body   []byte
}

func (o *overheard) WriteHeader(status int) {
	if o.status == 0 || o.status < http.StatusOK {
		o.status = status
	}
	o.ResponseWriter.WriteHeader(status)
}

func (o *overheard) Write(p []byte) (int, error) {
	o.body = append(o.body, p[:min(len(p), maxBodyShown-len(o.body))]...)
	return o.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach the connection.
func (o *overheard) Unwrap() http.ResponseWriter { return o.ResponseWriter }

func (o *overheard) text() string {
	var b strings.Builder
	b.WriteString(strconv.Itoa(max(o.status, http.StatusOK)))
	writeHeader(&b, o.Header())
	return bounded(b.String())
}
