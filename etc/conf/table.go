package conf

import (
	"slices"
	"sync"
)

// table is the option table, made ready for looking up. It never changes.
type table struct {
	options  []*Option // in the order of the areas
	byName   map[Name]*Option
	former   map[Name]*Option
	known    map[Name]bool   // all of the above
	sections map[string]bool // groups of known names
	groups   []string        // of declared options, DEFAULT first, in the order of the areas
}

// declared returns the one table. It is a pure function of the declarations, computed once.
var declared = sync.OnceValue(func() *table {
	t := &table{
		byName: map[Name]*Option{}, former: map[Name]*Option{}, known: map[Name]bool{}, sections: map[string]bool{},
	}
	for _, area := range areas() {
		for _, h := range area {
			t.add(h.option())
		}
	}
	for _, o := range slices.Concat(accepted()...) {
		t.add(&o)
	}
	for n := range t.known {
		t.sections[n.Group] = true
	}
	return t
})

// areas lists every declared option; a test compares it with the declarations.
func areas() [][]Handle {
	return [][]Handle{
		serverOptions(), coreOptions(), agentOptions(), logOptions(), messagingOptions(), databaseOptions(),
		middlewareOptions(), ml2Options(), quotaOptions(), reportOptions(), hadronOptions(), authTokenOptions(),
	}
}

// accepted lists every other option of Neutron's server: nothing reads them, so they need no handle.
func accepted() [][]Option {
	return [][]Option{
		restOptions(), databaseRest(), keystoneOptions(), serviceOptions(), accountOptions(),
		rabbitOptions(), brokerOptions(), cacheOptions(), tracingOptions(), ovnOptions(), hostOptions(), privsepOptions(),
	}
}

func (t *table) add(o *Option) {
	t.options = append(t.options, o)
	t.byName[o.Place()] = o
	if !onlySwitch(o) { // a file that has one draws a warning
		t.known[o.Place()] = true
	}
	for _, old := range o.Deprecated {
		t.former[old] = o
		t.known[old] = true
	}
	if !slices.Contains(t.groups, o.Group) {
		t.groups = append(t.groups, o.Group)
	}
}

// find returns the option that a file sets under this name, be it the current or a former one.
func (t *table) find(n Name) (*Option, bool) {
	if o, ok := t.byName[n]; ok {
		return o, true
	}
	o, ok := t.former[n]
	return o, ok
}

// Options returns every declared option, area by area.
func Options() []Option {
	all := make([]Option, 0, len(declared().options))
	for _, o := range declared().options {
		all = append(all, handle{o}.Option())
	}
	return all
}
