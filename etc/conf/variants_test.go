package conf

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestVariantsInheritWhatTheyLeaveOut(t *testing.T) {
	t.Parallel()
	text := `[cors]
allowed_origin = https://first
max_age = 7
[cors.b]
allowed_origin = https://b, https://c
allow_credentials = false
[cors.a]
allow_methods = GET
`
	s, err := Load(FileSystem(fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte(text)}}))
	if err != nil {
		t.Fatal(err)
	}
	if w := s.Warnings(); len(w) > 0 {
		t.Errorf("got warnings %v, want none", w)
	}
	variants, err := s.Variants("cors")
	if err != nil || len(variants) != 2 {
		t.Fatalf("got %v, %v, want two", variants, err)
	}
	type seen struct {
		Section, Origin  string
		Origins, Methods []string
		Credentials      bool
		MaxAge           int
	}
	var got []seen
	for _, v := range variants {
		got = append(got, seen{v.Section, v.Origin.String(), v.List(CORSAllowedOrigin), v.List(CORSAllowMethods)[:1], v.Bool(CORSAllowCredentials), v.Int(CORSMaxAge)})
	}
	want := []seen{
		{"cors.a", "/etc/neutron/neutron.conf:8", nil, []string{"GET"}, true, 7},
		{"cors.b", "/etc/neutron/neutron.conf:5", []string{"https://b", "https://c"}, []string{"GET"}, false, 7},
	}
	if diff := cmp.Diff(got, want); diff != "" {
		t.Errorf("got - want +\n%s", diff)
	}
	if first := s.List(CORSAllowedOrigin); len(first) != 1 {
		t.Errorf("the section itself now has %v", first)
	}
}

func TestAWrongValueInAVariantNamesItsPlace(t *testing.T) {
	t.Parallel()
	s, err := Load(FileSystem(fstest.MapFS{"etc/neutron/neutron.conf": {Data: []byte("[cors.a]\nmax_age = soon\n")}}))
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Variants("cors")
	if want := "/etc/neutron/neutron.conf:2: [cors.a] max_age: "; err == nil || len(err.Error()) < len(want) || err.Error()[:len(want)] != want {
		t.Errorf("got %v, want %s...", err, want)
	}
}
