package httpapp_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// recordSweep asks a Neutron by every attribute that its objects show, and some more, for the files that are not there.
func recordSweep(t *testing.T) {
	t.Helper()
	w := newSweeper(t, *sweepFrom)
	m := w.memberOf(*sweepFromMember)
	t.Run("record", func(t *testing.T) {
		t.Run("admin", func(t *testing.T) {
			t.Parallel()
			for _, path := range sweptCollections() {
				w.recordFile(t, path, "", func(ask func(string) string) { w.record(t, path, ask) })
				w.recordFile(t, path, ".objects", func(ask func(string) string) { recordObjects(path, ask) })
			}
		})
		t.Run("member", func(t *testing.T) {
			t.Parallel()
			for _, path := range sweptCollections() {
				m.recordFile(t, path, ".member", func(ask func(string) string) { m.recordMember(t, w, path, ask) })
			}
		})
	})
}

// recordFile writes what a recording asks to its file, whole or not at all.
func (w *sweeper) recordFile(t *testing.T, path, who string, record func(ask func(path string) string)) {
	t.Helper()
	file := sweepFile(path, who)
	if _, err := os.Stat(file); err == nil || w.base == "" {
		return
	}
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	record(func(at string) string {
		answer := w.ask(t, at)
		if err := enc.Encode(swept{Path: at, Answer: answer}); err != nil {
			t.Fatal(err)
		}
		return answer
	})
	if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// noProject asks for the security groups of the project without a name, which makes Neutron give it a default one.
var noProject = regexp.MustCompile(`^security-groups\?.*(project|tenant)_id=(&|$)`)

// at asks one path by queries.
func at(path string, ask func(path string) string) func(query string) string {
	return func(query string) string {
		if query == "" {
			return ask(path)
		}
		return ask(path + "?" + query)
	}
}

// record asks as an administrator.
func (w *sweeper) record(t *testing.T, path string, askPath func(path string) string) {
	t.Helper()
	_, body := w.send(t, http.MethodGet, path, "")
	objects, _ := listIn(body)
	ask := at(path, func(p string) string {
		if noProject.MatchString(p) {
			return ""
		}
		return askPath(p)
	})
	for _, query := range []string{"", "bogus=1", "fields=bogus", "fields=", "fields=id&fields=bogus", "fields=id,name", "sort_key=bogus&sort_dir=asc", "sort_key=id",
		"sort_key=id&sort_dir=up", "limit=x", "limit=-1"} {
		ask(query)
	}
	for _, name := range sweptAttributes(objects) {
		w.recordAttribute(name, objects, ask)
	}
	pages(ask)
}

// recordMember asks as a member of a project by what an administrator sees.
func (w *sweeper) recordMember(t *testing.T, admin *sweeper, path string, askPath func(path string) string) {
	t.Helper()
	_, body := admin.send(t, http.MethodGet, path, "")
	objects, _ := listIn(body)
	ask := at(path, askPath)
	if strings.HasPrefix(ask(""), "40") { // nobody but an administrator may ask; that must be so for every question
		objects = objects[:min(1, len(objects))]
	}
	ask("bogus=1")
	ask("fields=bogus")
	for _, name := range sweptAttributes(objects) {
		key := url.QueryEscape(name)
		ask("fields=" + key)
		ask("sort_key=" + key + "&sort_dir=asc")
		for _, v := range append(w.valuesOf(name, objects), "None", "nothing") {
			ask(key + "=" + v)
		}
	}
	ask("limit=2")
	ask("limit=1000&sort_key=name&sort_dir=desc")
	ask("limit=2&marker=nothing")
	recordObjects(path, askPath)
}

// recordObjects asks for single objects: two of the collection's and one that is not there.
func recordObjects(path string, askPath func(path string) string) {
	askPath("HEAD " + path)
	askPath("HEAD " + path + "?fields=id")
	askPath("HEAD " + path + "?sort_key=bogus&sort_dir=asc")
	for _, name := range append(objectsOf(path), "nothing") {
		ask := at(path+"/"+name, askPath)
		for _, query := range []string{"", "fields=id", "fields=name", "fields=tenant_id", "fields=project_id", "fields=shared", "fields=tags", "fields=status",
			"fields=bogus", "fields=", "fields=id&fields=name", "fields=id&fields=bogus", "fields=id,name", "bogus=1", "name=nothing", "limit=x", "sort_key=bogus"} {
			ask(query)
		}
		askPath("HEAD " + path + "/" + name)
		askPath("HEAD " + path + "/" + name + "?fields=bogus")
	}
}

// objectsOf names two objects of a collection.
func objectsOf(path string) []string {
	switch path {
	case "agents":
		return []string{"00000000-0000-4000-8000-000000000002"}
	case "ports/$portA/bindings":
		return []string{"ref-host-1"}
	case "quotas":
		return []string{"pa", "pb"}
	}
	var names []string
	for _, s := range sweepSteps() {
		if s.path == path && s.name != "" && len(names) < 2 {
			names = append(names, "$"+s.name)
		}
	}
	return names
}

// pages asks for pages by names, which some objects have in common, in both directions.
func pages(ask func(query string) string) {
	ask("limit=0")
	ask("limit=2")
	ask("limit=1000")
	ask("page_reverse=True")
	ask("limit=2&page_reverse=True")
	ask("limit=2&marker=nothing")
	ask("marker=nothing")
	ask("limit=1000&sort_key=name&sort_dir=desc")
}

func sweptAttributes(objects []map[string]any) []string {
	names := []string{"id", "name", "project_id", "tenant_id", "shared", "subnet_id", "ip_version", "prefixlen", "status", "host", "tags", "tags-any", "not-tags",
		"not-tags-any", "changed_since", "revision_number", "all_rules", "parent"}
	for _, o := range objects {
		for key := range o {
			if !slices.Contains(names, key) {
				names = append(names, key)
			}
		}
	}
	slices.Sort(names)
	return names
}

// recordAttribute filters, sorts and shows by one attribute.
func (w *sweeper) recordAttribute(name string, objects []map[string]any, ask func(query string) string) {
	key := url.QueryEscape(name)
	ask("fields=" + key)
	if !strings.HasPrefix(ask("sort_key="+key+"&sort_dir=asc"), "400") {
		ask("sort_key=" + key + "&sort_dir=desc")
		ask("sort_key=" + key + "&sort_dir=desc&sort_key=name&sort_dir=asc")
	}
	if strings.HasPrefix(ask(key+"="), "400") {
		return
	}
	values := w.valuesOf(name, objects)
	for _, v := range append(values, "None", "true", "1", "nothing") {
		ask(key + "=" + v)
	}
	if len(values) > 1 {
		ask(key + "=" + values[0] + "&" + key + "=" + values[1])
		ask(key + "=" + values[0] + "," + values[1])
		ask(key + "=" + values[0] + "&" + key + "=")
	}
	if strings.HasSuffix(name, "s-any") || strings.HasSuffix(name, "tags") {
		for _, v := range []string{"a", "A", "b", "a,b", "b,c", "a&" + key + "=c", "a,", ",", "a,a"} {
			ask(key + "=" + v)
		}
	}
}

// valuesOf are a few of the values of an attribute, as a query string has them.
func (w *sweeper) valuesOf(name string, objects []map[string]any) []string {
	var values []string
	add := func(v string) {
		if v = url.QueryEscape(w.named(v)); !strings.Contains(v, "TIME") && v != "ID" && !slices.Contains(values, v) && len(values) < 3 {
			values = append(values, strings.ReplaceAll(v, "%24", "$"))
		}
	}
	if strings.HasSuffix(name, "_at") || strings.HasSuffix(name, "_timestamp") {
		return nil
	}
	for _, o := range objects {
		switch v := o[name].(type) {
		case nil:
		case []any:
			for _, item := range v {
				if m, ok := item.(map[string]any); ok {
					for _, key := range sortedKeys(m) {
						add(fmt.Sprint(key, "=", m[key]))
					}
				} else {
					add(fmt.Sprint(item))
				}
			}
		case map[string]any:
			for _, key := range sortedKeys(v) {
				add(fmt.Sprint(key, "=", v[key]))
			}
		case bool:
			add(strings.ToUpper(fmt.Sprint(v)[:1]) + fmt.Sprint(v)[1:])
		case float64:
			add(fmt.Sprint(int64(v)))
		case string:
			add(v)
		}
	}
	return values
}
