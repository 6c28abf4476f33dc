package authtoken

import (
	"encoding/json"
	"fmt"
	"strings"
	"unique"

	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// catalog is a token's list of services.
type catalog []struct {
	Type      string     `json:"type"`
	Name      *string    `json:"name"`
	Endpoints []endpoint `json:"endpoints"`
}

type endpoint struct {
	Interface string `json:"interface"`
	Region    string `json:"region"`
	RegionID  string `json:"region_id"`
	URL       string `json:"url"`
}

// header is the catalog in the form of the API v2.0, which is what X-Service-Catalog has always been: the endpoints of a
// region in one object. Users of one project have the same, which is kept once.
func (c *catalog) header() string {
	b := wire.Buffer{Spaced: true}
	b.Open('[')
	for i, s := range *c {
		b.Comma(i)
		b.Open('{')
		b.Key(0, "type")
		b.Str(s.Type)
		if s.Name != nil {
			b.Key(1, "name")
			b.Str(*s.Name)
		}
		b.Key(2, "endpoints")
		b.Open('[')
		for j, region := range regions(s.Endpoints) {
			b.Comma(j)
			region.append(&b)
		}
		b.Close(']')
		b.Close('}')
	}
	b.Close(']')
	return unique.Make(string(b.B)).Value()
}

// region is one of the objects of a service: its name and a URL for each interface, in the order of the catalog.
type region struct {
	name string
	urls []endpoint
}

func regions(endpoints []endpoint) []region {
	var all []region
	at := map[string]int{}
	for _, e := range endpoints {
		i, ok := at[e.Region]
		if !ok {
			i = len(all)
			at[e.Region] = i
			all = append(all, region{name: e.Region})
		}
		all[i].set(e)
	}
	return all
}

// set puts an endpoint in place of one of the same interface, or behind the others.
func (r *region) set(e endpoint) {
	for i := range r.urls {
		if strings.EqualFold(r.urls[i].Interface, e.Interface) {
			r.urls[i] = e
			return
		}
	}
	r.urls = append(r.urls, e)
}

func (r *region) append(b *wire.Buffer) {
	n := 0
	b.Open('{')
	if r.name != "" {
		b.Key(n, "region")
		b.Str(r.name)
		n++
	}
	for _, e := range r.urls {
		b.Key(n, strings.ToLower(e.Interface)+"URL")
		b.Str(e.URL)
		n++
	}
	b.Close('}')
}

// identityURL finds Keystone's endpoint.
func (c *catalog) identityURL(face, regionName string) (string, error) {
	face = strings.TrimSuffix(face, "URL")
	var others []string
	if c == nil {
		return "", fmt.Errorf("the service's own token has no catalog to find Keystone in: it has no scope")
	}
	for _, s := range *c {
		if s.Type != "identity" {
			continue
		}
		for _, e := range s.Endpoints {
			if strings.TrimSuffix(e.Interface, "URL") == face && (regionName == "" || e.Region == regionName || e.RegionID == regionName) && e.URL != "" {
				return e.URL, nil
			}
			others = append(others, e.Interface+" in "+e.Region)
		}
	}
	return "", fmt.Errorf("the catalog has no endpoint of the identity service with interface %q and region_name %q (it has: %s)",
		face, regionName, strings.Join(others, ", "))
}

// version is one of a list of API versions.
type version struct {
	ID    string `json:"id"`
	Links []struct {
		Rel  string `json:"rel"`
		Href string `json:"href"`
	} `json:"links"`
}

// parseVersions reads a list of versions in any of the forms that Keystone has given it.
func parseVersions(body []byte) ([]version, error) {
	var doc struct {
		Versions json.RawMessage `json:"versions"`
		Version  *version        `json:"version"`
	}
	if json.Unmarshal(body, &doc) != nil {
		return nil, fmt.Errorf("the answer is no list of versions")
	}
	if doc.Version != nil {
		return []version{*doc.Version}, nil
	}
	var list []version
	if json.Unmarshal(doc.Versions, &list) == nil {
		return list, nil
	}
	var nested struct {
		Values []version `json:"values"`
	}
	if json.Unmarshal(doc.Versions, &nested) != nil || nested.Values == nil {
		return nil, fmt.Errorf("the answer is no list of versions")
	}
	return nested.Values, nil
}
