package paste

import (
	"fmt"
	"strings"
)

// Setting is the value of one key and where it was set. Pos is zero for a
// value that no file holds.
type Setting struct {
	Value string
	Pos   Pos
}

// Bool reads the value by PasteDeploy's words, which are more than oslo's.
func (s Setting) Bool() (bool, error) {
	switch strings.ToLower(strings.TrimSpace(s.Value)) {
	case "true", "yes", "on", "y", "t", "1":
		return true, nil
	case "false", "no", "off", "n", "f", "0":
		return false, nil
	}
	return false, fmt.Errorf("%s: %q is not true or false", s.Pos, s.Value)
}

// Settings are keys and values as a factory would receive them: references
// replaced, "set" and "get" carried out.
type Settings map[string]Setting

// Node is an application: an *App, a *Pipeline or a *URLMap.
type Node interface{ node() }

// Part is what every piece of a description has in common.
type Part struct {
	Section    string // header of the section that was asked for; empty for a bare URI
	Pos        Pos    // of that header, or of the URI
	Factory    Factory
	FactoryPos Pos // of the key that names the factory
	Global     Settings
	Local      Settings
}

// App is an application made by one factory.
type App struct{ Part }

// Filter wraps an application.
type Filter struct{ Part }

// Pipeline is an application behind filters, outermost first.
type Pipeline struct {
	Section string
	Pos     Pos    // of the section's header; of Key when there is one
	Key     string // the key that auth_strategy picked; empty for other pipelines
	Filters []*Filter
	App     Node
}

// URLMap shares a server between applications by host and path.
type URLMap struct {
	Part
	Mounts   []Mount // in the order in which a request tries them
	NotFound Node    // nil: the standard 404
}

// Mount is one place of a URLMap. It matches a request whose path equals Path
// or goes on with a slash after it, and whose host is Domain.
type Mount struct {
	Domain string // lower case; empty: any host
	Port   string // empty: any port, given only with a Domain
	Path   string // no trailing slash, so the root is ""
	Pos    Pos
	Node   Node
}

func (*App) node()      {}
func (*Pipeline) node() {}
func (*URLMap) node()   {}

// Description is what a file says about one application.
type Description struct {
	File         string // the file's name as it was given
	App          string
	AuthStrategy string
	Root         Node
	Files        []string   // every file read: the first, then those it includes
	Warnings     []*Problem // what is odd but does not stop the application
}
