package httpapp_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// conversation asks one server.
type conversation struct {
	do   func(*http.Request) (*http.Response, error)
	base string
	ids  map[string]string // by name
	made []madeObject
	last map[string]standing // by name, of what has any, before the step
	now  map[string]standing // behind the step, nil where nobody has looked
}

type madeObject struct{ name, collection, id string }

// standing is what a watch compares.
type standing struct {
	revision int
	updated  string
}

func newConversation(do func(*http.Request) (*http.Response, error), base string) *conversation {
	return &conversation{do: do, base: base, ids: map[string]string{}}
}

// expand puts ids in the places of names. A name that is not known stays.
func (c *conversation) expand(s string) string {
	return os.Expand(s, func(name string) string {
		if id, ok := c.ids[name]; ok {
			return id
		}
		return "$" + name
	})
}

func (c *conversation) send(s said) (int, []byte, error) {
	content := c.expand(string(s.Body))
	if s.Raw != nil {
		content = *s.Raw
	}
	r, err := http.NewRequest(s.Method, c.base+"/"+c.expand(s.Path), strings.NewReader(content))
	if err != nil {
		return 0, nil, err
	}
	if content != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for name, value := range s.Headers {
		r.Header.Set(name, value)
	}
	resp, err := c.do(r)
	if err != nil {
		return 0, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if s.Method == http.MethodHead {
		body = nil // a client never sees one
	}
	return resp.StatusCode, body, err
}

// say sends a step.
func (c *conversation) say(s said) (heard, error) {
	before := c.now
	if s.Watch && before == nil {
		was, err := c.standings()
		if err != nil {
			return heard{}, err
		}
		before = was
	}
	c.last, c.now = before, nil
	status, body, err := c.send(s)
	if err != nil {
		return heard{}, err
	}
	h := heard{Status: status}
	if s.Save != "" && status < 300 {
		c.save(s, body)
	}
	if h.Answer, err = c.named(body, s.Any); err != nil || !s.Watch {
		return h, err
	}
	after, err := c.standings()
	if err != nil {
		return h, err
	}
	c.now, h.Changed = after, changed(before, after)
	return h, nil
}

// save remembers the object in an answer.
func (c *conversation) save(s said, body []byte) {
	var out map[string]json.RawMessage
	_ = json.Unmarshal(body, &out) // what is no object is in the comparison
	for _, raw := range out {
		var o struct{ ID string }
		if err := json.Unmarshal(raw, &o); err == nil && o.ID != "" {
			c.ids[s.Save] = o.ID
			if s.Method == http.MethodPost {
				c.made = append(c.made, madeObject{s.Save, c.expand(s.Path), o.ID})
			}
		}
	}
}

// standings asks for all objects that were made at once: the recorded server takes its time for each.
func (c *conversation) standings() (map[string]standing, error) {
	var mu sync.Mutex
	var all sync.WaitGroup
	var errs error
	now := map[string]standing{}
	for _, o := range c.made {
		all.Go(func() {
			status, body, err := c.send(said{Method: http.MethodGet, Path: o.collection + "/" + o.id})
			var out map[string]struct {
				Revision *int   `json:"revision_number"`
				Updated  string `json:"updated_at"`
			}
			mu.Lock()
			defer mu.Unlock()
			if err != nil || status != http.StatusOK {
				errs = errors.Join(errs, err)
				return
			}
			_ = json.Unmarshal(body, &out) // what has none is not watched
			for _, v := range out {
				if v.Revision != nil {
					now[o.name] = standing{*v.Revision, v.Updated}
				}
			}
		})
	}
	all.Wait()
	return now, errs
}

var (
	drawnIDs   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)
	drawnMACs  = regexp.MustCompile(`fa:16:3e:([0-9a-f]{2}:){2}[0-9a-f]{2}`)
	drawnTimes = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?`)
	// Neutron has these in the order of a Python set, which each process draws anew.
	setOfNames = regexp.MustCompile(`(Unrecognized attribute\(s\) '|following provider network attributes: )([\w:]+(?:, [\w:]+)+)`)
)

// named is an answer in the form in which two servers' are compared: names for ids, and shapes for what is drawn or read
// from a clock. The order of a list's items is left to other tests.
func (c *conversation) named(body []byte, drawn []string) (json.RawMessage, error) {
	if len(body) == 0 {
		return nil, nil
	}
	var v any
	if err := json.Unmarshal(body, &v); err != nil {
		v = string(body)
	}
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(c.shape(v, drawn, c.lastOf(v))); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// lastOf is when the object of an answer changed last before the step, as far as that was watched.
func (c *conversation) lastOf(v any) string {
	whole, _ := v.(map[string]any)
	for _, of := range whole {
		o, _ := of.(map[string]any)
		for name, id := range c.ids {
			if id == o["id"] {
				return c.last[name].updated
			}
		}
	}
	return ""
}

func (c *conversation) shape(v any, drawn []string, last string) any {
	switch v := v.(type) {
	case string:
		return c.textShape(v)
	case []any:
		return c.listShape(v, drawn, last)
	case map[string]any:
		for key, of := range v {
			switch {
			case key == "standard_attr_id" || slices.Contains(drawn, key):
				v[key] = "<any>"
			case key == "updated_at" && last != "" && of == last:
				v[key] = "<time before>"
			default:
				v[key] = c.shape(of, drawn, last)
			}
		}
	}
	return v
}

func (c *conversation) textShape(s string) string {
	s = strings.ReplaceAll(s, c.base, "<base>")
	for _, name := range slices.Sorted(maps.Keys(c.ids)) {
		s = strings.ReplaceAll(s, c.ids[name], "$"+name)
	}
	s = drawnMACs.ReplaceAllString(drawnIDs.ReplaceAllString(s, "<uuid>"), "<mac>")
	s = setOfNames.ReplaceAllStringFunc(s, func(text string) string {
		m := setOfNames.FindStringSubmatch(text)
		names := strings.Split(m[2], ", ")
		slices.Sort(names)
		return m[1] + strings.Join(names, ", ")
	})
	return drawnTimes.ReplaceAllString(s, "<time>")
}

func (c *conversation) listShape(list []any, drawn []string, last string) any {
	texts := make([]string, len(list))
	for i, item := range list {
		text, err := json.Marshal(c.shape(item, drawn, last))
		if err != nil {
			text = []byte(err.Error())
		}
		texts[i] = string(text)
	}
	slices.Sort(texts)
	out := make([]json.RawMessage, len(texts))
	for i, text := range texts {
		out[i] = json.RawMessage(text)
	}
	return out
}
