package actors

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// TestAnAnswerThatIsKeptIsTheSame: status, headers and body are those of the moment they were written, in whatever steps.
func TestAnAnswerThatIsKeptIsTheSame(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 3*smallAnswer)
	for name, c := range map[string]struct {
		do     func(w http.ResponseWriter)
		status int
		body   string
	}{
		"nothing":          {func(http.ResponseWriter) {}, 200, ""},
		"small":            {func(w http.ResponseWriter) { write(w, "a"); write(w, "b") }, 200, "ab"},
		"long":             {func(w http.ResponseWriter) { write(w, long) }, 200, long},
		"small, then long": {func(w http.ResponseWriter) { write(w, "a"); write(w, long); write(w, "b"); write(w, long) }, 200, "a" + long + "b" + long},
		"with a status":    {func(w http.ResponseWriter) { w.WriteHeader(201); write(w, long) }, 201, long},
		"headers too late": {func(w http.ResponseWriter) { write(w, long); w.Header().Set("Late", "x"); w.WriteHeader(500) }, 200, long},
		"flushed": {func(w http.ResponseWriter) {
			write(w, long)
			if err := http.NewResponseController(w).Flush(); err != nil {
				t.Error(err)
			}
			write(w, "b")
		}, 200, long + "b"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set := testConnections(t)
			r := httptest.NewRecorder()
			v := &service{set: set, over: make(chan struct{}), options: ServerOptions{KeepAlive: true}}
			a := &answerWriter{ResponseWriter: r, service: v, conn: &connection{set: set, protocol: &protocol{}}}
			c.do(a)
			if err := a.writeOut(); err != nil {
				t.Error(err)
			}
			a.release()
			if r.Code != c.status || r.Body.String() != c.body || r.Result().Header.Get("Late") != "" {
				t.Errorf("got %d with %d bytes, want %d with %d", r.Code, r.Body.Len(), c.status, len(c.body))
			}
			if left := set.kept.Used(); left != 0 {
				t.Errorf("%d bytes are still counted", left)
			}
		})
	}
}

func write(w http.ResponseWriter, text string) { _, _ = w.Write([]byte(text)) }

// TestHeadersWithUnderscoresAreDropped: the application never sees one.
func TestHeadersWithUnderscoresAreDropped(t *testing.T) {
	t.Parallel()
	s := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name := range r.Header {
			if strings.Contains(name, "_") {
				t.Errorf("%s comes to the application", name)
			}
		}
		write(w, r.Header.Get("X-Auth-Token"))
	}), 1, 1, ServerOptions{KeepAlive: true})
	r, err := http.NewRequest("GET", s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header["X_Auth_Token"], r.Header["Content_Length"], r.Header["X-Auth-Token"] = []string{"stolen"}, []string{"5"}, []string{"own"}
	answer, err := s.client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body := make([]byte, 10)
	if n, _ := answer.Body.Read(body); string(body[:n]) != "own" {
		t.Errorf("the token is %q", body[:n])
	}
}
