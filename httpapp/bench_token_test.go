package httpapp_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/authtoken/keystonetest"
)

// BenchmarkTokenPipeline shows one network through the shipped pipeline with a token that is kept, and through the same without
// auth_token, where identity comes in headers.
func BenchmarkTokenPipeline(b *testing.B) {
	url := keystonetest.New().Start(b)
	s := load(b, "[keystone_authtoken]\nauth_url = "+url+"\nauth_type = password\nusername = neutron\npassword = neutron\nproject_name = service\n")
	db := open(b, s)
	asked := strings.Replace(headerPaste, " keystonecontext ", " authtoken keystonecontext ", 1) + "[filter:authtoken]\npaste.filter_factory = keystonemiddleware.auth_token:filter_factory\n"
	var path string
	for _, c := range []struct{ name, text string }{{"token", asked}, {"headers", headerPaste}} {
		d, err := paste.Parse("api-paste.ini", []byte(c.text), paste.Options{App: "neutron", AuthStrategy: "noauth"})
		if err != nil {
			b.Fatal(err)
		}
		app, err := httpapp.New(s, d, "pecan", httpapp.Options{DB: db, Logger: func(string) zerolog.Logger { return zerolog.Nop() }})
		if err != nil {
			b.Fatal(err)
		}
		send := func(method, path, body string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(method, path, strings.NewReader(body))
			r.Header = http.Header{"X-Auth-Token": {"demo-token"}, "X-User-Id": {"u"}, "X-Project-Id": {"b561a41ea11144e99e5f3385ed31becf"}, "X-Roles": {"member,reader"}}
			w := httptest.NewRecorder()
			app.ServeHTTP(w, r)
			return w
		}
		if path == "" {
			w := send("POST", "/v2.0/networks", `{"network": {}}`)
			_, id, ok := strings.Cut(w.Body.String(), `"id":"`)
			if !ok {
				b.Fatalf("got %d %s", w.Code, w.Body)
			}
			path = "/v2.0/networks/" + id[:36]
		}
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if w := send("GET", path, ""); w.Code != http.StatusOK {
					text, _ := io.ReadAll(w.Body)
					b.Fatalf("got %d %s", w.Code, text)
				}
			}
		})
	}
}
