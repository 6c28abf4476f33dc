package rpc_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/seed-a8f20362/hadron/actors/rpc"
	"github.com/seed-a8f20362/hadron/actors/rpc/local"
)

func TestTransportURLs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		in   string
		want rpc.URL
		text string
	}{
		{"fake://", rpc.URL{Driver: "fake"}, "fake:///"},
		{"fake:///", rpc.URL{Driver: "fake"}, "fake:///"},
		{"rabbit://guest:s3cret@rabbit1:5672//", rpc.URL{Driver: "rabbit", VirtualHost: "/",
			Hosts: []rpc.Host{{Name: "rabbit1", Port: 5672, User: "guest", Password: "s3cret"}}},
			"rabbit://guest:****@rabbit1:5672/%2F"},
		{"rabbit://u:p@h1:1,u@h2,h3:/v%2Fh?ssl=1&heartbeat=2", rpc.URL{Driver: "rabbit", VirtualHost: "v/h",
			Hosts: []rpc.Host{{Name: "h1", Port: 1, User: "u", Password: "p"}, {Name: "h2", User: "u"}, {Name: "h3"}},
			Query: url.Values{"ssl": {"1"}, "heartbeat": {"2"}}},
			"rabbit://u:****@h1:1,u@h2,h3/v%2Fh?heartbeat=2&ssl=1"},
		{"rabbit://me@corp:p%40%3A%2Cw@[fd00::1]:5672,[::1]/", rpc.URL{Driver: "rabbit", Hosts: []rpc.Host{
			{Name: "fd00::1", Port: 5672, User: "me@corp", Password: "p@:,w"}, {Name: "::1"}}},
			"rabbit://me%40corp:****@[fd00::1]:5672,[::1]/"},
		{"kafka+x://h/?ssl_password=p", rpc.URL{Driver: "kafka+x", Hosts: []rpc.Host{{Name: "h"}},
			Query: url.Values{"ssl_password": {"p"}}}, "kafka+x://h/?ssl_password=****"},
	} {
		got, err := rpc.ParseURL(c.in)
		if err != nil {
			t.Errorf("%s: %v", c.in, err)
			continue
		}
		if len(got.Query) == 0 {
			got.Query = nil
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s: -want +got\n%s", c.in, diff)
		}
		if got.String() != c.text {
			t.Errorf("%s: got %s, want %s", c.in, got, c.text)
		}
	}
}

func TestTransportURLsThatAreNoneAreRefused(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"":                           "no scheme",
		"//h/":                       "no scheme",
		"u:hush@h":                   "must begin with",
		"rabbit://u:p@h:x/":          "the port is not a number",
		"rabbit://u:hush,1@h/":       "%2C",
		"rabbit://u:hush/1@h/":       "@ behind the hosts",
		"rabbit://u:1/hush@h/":       "%2F",
		"rabbit://u:1?hush@h/":       "%3F",
		"rabbit://u:p@[::1]1/":       "invalid IPv6",
		"rabbit://u:hush@h:70000/":   "0 to 65535",
		"rabbit://a,u:hush@[::1":     "host 2",
		"rabbit://u:hush%zz@h/":      "%-escape",
		"rabbit://u:hush@h/%zz":      "virtual host",
		"rabbit://u:hush@h/?a=%zz;b": "options of rabbit",
	} {
		_, err := rpc.ParseURL(in)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", in, err, want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: the error shows the password: %v", in, err)
		}
	}
}

func TestOpenChoosesTheDriverByScheme(t *testing.T) {
	t.Parallel()
	drivers := map[string]rpc.Driver{local.Scheme: local.Driver(local.Defaults())}
	transport, err := rpc.Open("fake://", drivers)
	if err != nil {
		t.Fatal(err)
	}
	if err := transport.Close(); err != nil {
		t.Error(err)
	}
	_, err = rpc.Open("rabbit://guest:hush@h/", drivers)
	if want := `transport_url rabbit://guest:****@h/: failed to load transport driver "rabbit": ` +
		`RabbitMQ is not built in yet (built in: fake)`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if !errors.Is(err, rpc.ErrNotBuiltIn) {
		t.Errorf("%v is not ErrNotBuiltIn", err)
	}
	if _, err = rpc.Open("pigeon://", drivers); err == nil || errors.Is(err, rpc.ErrNotBuiltIn) ||
		!strings.Contains(err.Error(), `"pigeon": no such driver`) {
		t.Errorf("unknown driver: got %v", err)
	}
	broken := map[string]rpc.Driver{"x": func(rpc.URL) (rpc.Transport, error) { return nil, errors.New("no route") }}
	if _, err = rpc.Open("x://u:hush@h", broken); err == nil || err.Error() != "transport_url x://u:****@h/: no route" {
		t.Errorf("a driver that fails: got %v", err)
	}
	if _, err = rpc.Open("", drivers); err == nil {
		t.Error("no URL: no error")
	}
}

// TestNoPasswordInAnyText puts a password that appears nowhere else into URLs, good and bad.
func TestNoPasswordInAnyText(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.StringMatching(`[a-z0-9.:%@\[\]-]{0,8}`)
		s := fmt.Sprintf("rabbit://%s:ZQ7X%s@%s,%s/%s", rapid.StringMatching(`[a-z@]{0,4}`).Draw(t, "user"),
			rapid.StringMatching(`[a-z0-9.%-]{0,4}`).Draw(t, "password"), part.Draw(t, "host"), part.Draw(t, "other"),
			part.Draw(t, "virtual host"))
		u, err := rpc.ParseURL(s)
		if err != nil {
			if strings.Contains(err.Error(), "ZQ7X") {
				t.Fatalf("%s: the error shows the password: %v", s, err)
			}
			return
		}
		raw, err := json.Marshal(u)
		if err != nil {
			t.Fatal(err)
		}
		for _, text := range []string{string(raw), u.String(), fmt.Sprint(u.Hosts), fmt.Sprintf("%v %+v %#v", u, u, u)} {
			if strings.Contains(text, "ZQ7X") {
				t.Fatalf("%s: %s shows the password", s, text)
			}
		}
	})
}

func FuzzParseURL(f *testing.F) {
	for _, seed := range []string{"fake://", "rabbit://u:p@h:1,[::1]:2//?a=b", "a+b://%41:%zz@", "x", "rabbit://[", ":"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		u, err := rpc.ParseURL(s)
		if err != nil {
			return
		}
		again, err := rpc.ParseURL(u.String())
		if err != nil {
			t.Fatalf("%q: its text %q does not parse: %v", s, u, err)
		}
		if again.String() != u.String() {
			t.Fatalf("%q: %q becomes %q", s, u, again)
		}
	})
}
