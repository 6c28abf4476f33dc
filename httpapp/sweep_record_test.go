package httpapp_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"
)

// recordSweep asks a Neutron by every attribute that its objects show, and some more.
func recordSweep(t *testing.T) {
	t.Helper()
	w := newSweeper(t, *sweepFrom)
	out, err := os.Create(sweepFile)
	if err != nil {
		t.Fatal(err)
	}
	defer out.Close()
	for _, path := range sweptCollections() {
		w.record(t, path, func(query string) string {
			at := path
			if query != "" {
				at += "?" + query
			}
			answer := w.ask(t, at)
			line, err := json.Marshal(swept{Path: at, Answer: answer})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := out.Write(append(line, '\n')); err != nil {
				t.Fatal(err)
			}
			return answer
		})
	}
}

func (w *sweeper) record(t *testing.T, path string, ask func(query string) string) {
	t.Helper()
	_, body := w.send(t, http.MethodGet, path, "")
	objects, _ := listIn(body)
	ask("")
	ask("bogus=1")
	ask("fields=bogus")
	ask("fields=")
	ask("fields=id&fields=bogus")
	ask("fields=id,name")
	ask("sort_key=bogus&sort_dir=asc")
	ask("sort_key=id")
	ask("sort_key=id&sort_dir=up")
	ask("limit=x")
	ask("limit=-1")
	for _, name := range sweptAttributes(objects) {
		w.recordAttribute(name, objects, ask)
	}
	pages(ask)
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
