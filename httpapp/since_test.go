package httpapp_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestChangedSinceIsAFilterWhereFiltersAreNotValidated, as in Neutron: the timestamp extension has no attribute for it.
func TestChangedSinceIsAFilterWhereFiltersAreNotValidated(t *testing.T) {
	t.Parallel()
	app := application(t, "pecan", "[DEFAULT]\nfilter_validation = false\n")
	if w := ask(app, "POST", "/v2.0/networks", `{"network": {"name": "n"}}`); w.Code != http.StatusCreated {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	for query, want := range map[string]string{
		"changed_since=2000-01-01T00:00:00Z": `{"networks":[{"name":"n"}]}`,
		"changed_since=2999-01-01T00:00:00Z": `{"networks":[]}`,
		"bogus=1":                            `{"networks":[{"name":"n"}]}`,
		"changed_since=soon": `{"NeutronError": {"type": "InvalidInput", "message": ` +
			`"Invalid input for operation: The input changed_since must be in the following format: YYYY-MM-DDTHH:MM:SSZ.", "detail": ""}}`,
	} {
		if w := ask(app, "GET", "/v2.0/networks?fields=name&"+query, ""); strings.TrimSpace(w.Body.String()) != want {
			t.Errorf("%s: got %s, want %s", query, w.Body, want)
		}
	}
	strict := application(t, "pecan", "")
	if w := ask(strict, "GET", "/v2.0/networks?changed_since=2000-01-01T00:00:00Z", ""); w.Code != http.StatusBadRequest {
		t.Errorf("with validation: got %d %s", w.Code, w.Body)
	}
}
