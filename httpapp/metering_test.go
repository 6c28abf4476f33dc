package httpapp_test

import (
	"context"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

const withMetering = "[DEFAULT]\nservice_plugins = metering\n"

// Every row is what 2026.1 says; where it answers 500 with these texts, hadron answers 400.
func TestMetering(t *testing.T) {
	t.Parallel()
	const labels, rules, unknown = "metering/metering-labels", "metering/metering-label-rules", "11111111-2222-3333-4444-555555555555"
	rule := func(more string) string {
		return `{"metering_label_rule":{"metering_label_id":"$l","direction":"ingress"` + more + `}}`
	}
	for _, framework := range []string{"pecan", "legacy"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			converse(t, application(t, framework, withMetering), []step{
				{"POST", labels, `{"metering_label":{"name":"l","project_id":"p","shared":"x"}}`, 400, "'x' cannot be converted to boolean.", ""},
				{"POST", labels, `{"metering_labels":[{"name":"a","project_id":"p","shared":true},{"name":null,"project_id":"p"}]}`, 400,
					"Invalid input for name. Reason: 'None' is not a valid string.", ""},
				{"GET", labels, "", 200, `{"metering_labels":[]}`, ""},
				{"POST", labels, `{"metering_label":{"name":"l","project_id":"p"}}`, 201, `"name":"l", "description":"", "shared":false, "project_id":"p", "tenant_id":"p"}`, "l"},
				{"GET", labels + "?fields=project_id", "", 200, `{"metering_labels":[{"name":"l", "description":"", "shared":false, "project_id":"p"}]}`, ""},
				{"GET", labels + "?fields=id&name=L", "", 200, `{"metering_labels":[{"id":"$l", "name":"l", "description":"", "shared":false}]}`, ""},
				{"GET", labels + "/$l?fields=name", "", 200, `{"metering_label":{"name":"l"}}`, ""},
				{"GET", labels + "?limit=1&marker=" + unknown, "", 200, `"metering_labels":[]`, ""},
				put(labels+"/$l", `{"metering_label":{}}`, 501, `{"NotImplementedError":{"type":"NotImplementedError", "message":"", "detail":""}}`),
				put(labels+"/$l", `{"metering_label":{"shared":true}}`, 400, "Cannot update read-only attribute shared"),
				put(labels+"/"+unknown, `{"metering_label":{}}`, 404, "Metering label '"+unknown+"' does not exist."),
				{"POST", rules, rule(``), 400, `"type":"Invalid", "message":"You must define at least one of the following parameters`, ""},
				{"POST", rules, rule(`,"remote_ip_prefix":["a"]`), 400, `remote_ip_prefix: ['a'] is invalid [['a'] does not appear to be an IPv4 or IPv6 interface].`, ""},
				{"POST", rules, rule(`,"remote_ip_prefix":"10.0.0.9/24","project_id":"q"`), 201, `"remote_ip_prefix":"10.0.0.9/24", "source_ip_prefix":null`, "r"},
				{"POST", rules, rule(`,"remote_ip_prefix":"10.0.0.7"`), 409, "Metering label rule with remote_ip_prefix '10.0.0.7' overlaps another.", ""},
				{"POST", rules, strings.ReplaceAll(rule(`,"remote_ip_prefix":"10.0.0.7"`), "$l", unknown), 404, "Metering label '" + unknown + "' does not exist.", ""},
				{"GET", rules + "?fields=tenant_id", "", 200, `{"metering_label_rules":[{"direction":"ingress", "remote_ip_prefix":"10.0.0.9/24", "source_ip_prefix":null, ` +
					`"destination_ip_prefix":null, "excluded":false}]}`, ""},
				{"GET", rules + "?project_id=p", "", 400, "['project_id'] is invalid attribute for filtering", ""},
				{"GET", rules + "?sort_key=tenant_id&sort_dir=asc", "", 400, "['tenant_id'] is invalid attribute for sort_keys", ""},
				put(rules+"/$r", `{"metering_label_rule":{"source_ip_prefix":"10.0.0.0/8"}}`, 501, "NotImplementedError"),
				put(rules+"/$r", `{"metering_label_rule":{"remote_ip_prefix":"10.0.0.0/8"}}`, 400, "Cannot update read-only attribute remote_ip_prefix"),
				{"DELETE", labels + "/$l", "", 204, "", ""},
				{"GET", rules + "/$r", "", 404, "Metering label rule '$r' does not exist.", ""},
			})
		})
	}
}

// TestMeteringIsEnforced: a project's managers make its labels and rules, its readers see them. 2026.1 answers 500 to everybody
// but administrators who asks for a rule.
func TestMeteringIsEnforced(t *testing.T) {
	t.Parallel()
	app := policed(t, "pecan", withMetering, nil)
	manager := []string{"X-User-Id", "u", "X-Project-Id", "p1", "X-Roles", "manager,member,reader"}
	const labels, rules = "/v2.0/metering/metering-labels", "/v2.0/metering/metering-label-rules"
	label := func(who []string, more string) string {
		return idOf(t, request(app, "POST", labels, `{"metering_label": {"name": "l"`+more+`}}`, who...))
	}
	rule := func(label string) string {
		return `{"metering_label_rule": {"metering_label_id": "` + label + `", "direction": "ingress", "remote_ip_prefix": "10.0.0.0/8"}}`
	}
	mine, foreign, shared := label(manager, ""), label(asAdmin, ""), label(asAdmin, `, "shared": true`)
	r := idOf(t, request(app, "POST", rules, rule(mine), manager...))
	f := idOf(t, request(app, "POST", rules, rule(foreign), asAdmin...))
	const hidden = `"type": "HTTPNotFound"`
	for _, row := range []struct {
		method, path, body string
		who                []string
		want               wanted
	}{
		{"POST", labels, `{"metering_label": {}}`, asMember, wanted{403, "rule:create_metering_label is disallowed by policy"}},
		{"POST", labels, `{"metering_label": {"project_id": "p0"}}`, manager, wanted{400, "Specifying 'project_id' or 'tenant_id' other than"}},
		{"GET", labels + "?fields=id", "", asReader, wanted{200, `{"metering_labels": [{"id": "` + mine + `", "name": "l", "description": "", "shared": false}]}`}},
		{"GET", labels + "/" + shared, "", manager, wanted{404, hidden}},
		{"GET", labels + "/" + foreign, "", manager, wanted{404, "MeteringLabelNotFound"}},
		{"DELETE", labels + "/" + shared, "", manager, wanted{404, hidden}},
		{"DELETE", labels + "/" + foreign, "", manager, wanted{404, "MeteringLabelNotFound"}},
		{"DELETE", labels + "/" + mine, "", asReader, wanted{403, "rule:delete_metering_label is disallowed by policy"}},
		{"PUT", labels + "/" + mine, `{"metering_label": {}}`, asReader, wanted{501, "NotImplementedError"}},
		{"GET", rules + "?fields=id", "", asReader, wanted{200, `{"metering_label_rules": [{"id": "` + r + `", "direction"`}},
		{"GET", rules + "/" + r, "", asReader, wanted{200, `"metering_label_id": "` + mine}},
		{"GET", rules + "/" + f, "", asReader, wanted{404, "MeteringLabelRuleNotFound"}},
		{"GET", rules, "", asOther, wanted{200, `{"metering_label_rules": []}`}},
		{"GET", rules, "", asAdmin, wanted{200, f}},
		{"POST", rules, rule(mine), asMember, wanted{403, "rule:create_metering_label_rule is disallowed by policy"}},
		{"POST", rules, rule(foreign), manager, wanted{404, "Metering label '" + foreign + "' does not exist."}},
		{"POST", rules, rule(shared), manager, wanted{404, "Metering label '" + shared + "' does not exist."}},
		{"DELETE", rules + "/" + r, "", asMember, wanted{403, "rule:delete_metering_label_rule is disallowed by policy"}},
		{"DELETE", rules + "/" + f, "", manager, wanted{404, "MeteringLabelRuleNotFound"}},
		{"DELETE", rules + "/" + r, "", manager, wanted{204, ""}},
	} {
		if d := row.want.diff(request(app, row.method, row.path, row.body, row.who...)); d != "" {
			t.Errorf("%s %s by %v: %s", row.method, row.path, row.who, d)
		}
	}
}

// TestListsOfFlavorsAndMeteringCostTheSame: one row or many, a list has the same statements.
func TestListsOfFlavorsAndMeteringCostTheSame(t *testing.T) {
	t.Parallel()
	s := load(t, "[DEFAULT]\nservice_plugins = metering\n")
	var statements atomic.Int64
	db, err := store.Open(t.Context(), store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "n.db"),
		Trace: func(text string, _ []any) {
			if strings.HasPrefix(text, "SELECT") || strings.HasPrefix(text, "WITH") { // not what keeps the file in order meanwhile
				statements.Add(1)
			}
		}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := httpapp.Prepare(context.Background(), s, db); err != nil {
		t.Fatal(err)
	}
	app := applicationOn(t, s, db, "pecan")
	post := func(path, body string) string { return idOf(t, request(app, "POST", "/v2.0/"+path, body)) }
	fill := func() {
		label := post("metering/metering-labels", `{"metering_label": {"project_id": "p"}}`)
		post("metering/metering-label-rules", `{"metering_label_rule": {"metering_label_id": "`+label+`", "direction": "egress", "source_ip_prefix": "::1"}}`)
		flavor := post("flavors", `{"flavor": {"service_type": "METERING"}}`)
		profile := post("service_profiles", `{"service_profile": {"metainfo": "m"}}`)
		post("flavors/"+flavor+"/service_profiles", `{"service_profile": {"id": "`+profile+`"}}`)
	}
	paths := []string{"flavors", "service_profiles", "metering/metering-labels", "metering/metering-label-rules"}
	count := func(path string) int64 {
		before := statements.Load()
		if w := request(app, "GET", "/v2.0/"+path, ""); w.Code != 200 {
			t.Fatal(w.Body)
		}
		return statements.Load() - before
	}
	fill()
	few := map[string]int64{}
	for _, path := range paths {
		few[path] = count(path)
	}
	for range 20 {
		fill()
	}
	for _, path := range paths {
		if got := count(path); got != few[path] || got > 2 { // the list and its children
			t.Errorf("%s: %d statements for 21 objects, %d for one", path, got, few[path])
		}
	}
}
