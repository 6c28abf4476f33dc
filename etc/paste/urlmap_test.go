package paste

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseMount(t *testing.T) {
	t.Parallel()
	tests := map[string]Mount{
		"/":                         {},
		"/v2.0":                     {Path: "/v2.0"},
		"//a///b//":                 {Path: "/a/b"},
		"domain Example.ORG /x":     {Domain: "example.org", Path: "/x"},
		"domain d port 8080 /x/":    {Domain: "d", Port: "8080", Path: "/x"},
		"/x port 80 domain d":       {Domain: "d", Port: "80", Path: "/x"},
		"domain d":                  {Domain: "d"},
		"domain d no-leading-slash": {Domain: "d", Path: "/no-leading-slash"},
	}
	for key, want := range tests {
		got, err := parseMount(key)
		if err != nil || got != want {
			t.Errorf("%q: got %+v, %v, want %+v", key, got, err, want)
		}
	}
}

func TestParseMountErrors(t *testing.T) {
	t.Parallel()
	tests := map[string]string{
		"v2.0":                 `mount "v2.0": a path starts with /`,
		"port 80 /":            `mount "port 80 /": a port needs a domain`,
		"domain":               `mount "domain": nothing follows "domain"`,
		"domain d port":        `mount "domain d port": nothing follows "port"`,
		"domain a domain b /":  `mount "domain a domain b /": domain is given twice: "a" and "b"`,
		"domain a port 1 port": `mount "domain a port 1 port": nothing follows "port"`,
		"/a /b":                `mount "/a /b": path is given twice: "/a" and "/b"`,
		"domain d port http /": `mount "domain d port http /": port "http" is not a number from 1 to 65535`,
		"domain d port 0 /":    `mount "domain d port 0 /": port "0" is not a number from 1 to 65535`,
	}
	for key, want := range tests {
		if _, err := parseMount(key); err == nil || err.Error() != want {
			t.Errorf("%q: got %v, want %s", key, err, want)
		}
	}
}

func TestMountsAreTriedDomainFirstThenLongestPath(t *testing.T) {
	t.Parallel()
	want := []string{"domain a /long", "domain a /", "domain a port 80 /", "domain b /", "/v2.0/x", "/b", "/c", "/"}
	var mounts []Mount
	for _, key := range []string{"/", "/c", "domain b /", "/b", "domain a /", "/v2.0/x", "domain a /long", "domain a port 80 /"} {
		m, err := parseMount(key)
		if err != nil {
			t.Fatal(err)
		}
		mounts = append(mounts, m)
	}
	slices.SortFunc(mounts, tryOrder)
	var got []string
	for _, m := range mounts {
		got = append(got, m.String())
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
}
