package paste

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// String draws the tree, one part a line, each with its factory and place.
func (d *Description) String() string {
	p := &printer{file: d.File}
	p.line(0, "application %s of %s, auth_strategy %s", mainName(d.App), d.File, strconv.Quote(d.AuthStrategy))
	p.node(1, d.Root)
	for _, w := range d.Warnings {
		p.line(0, "warning: %v", w)
	}
	return p.String()
}

// printer writes places in the main file as bare line numbers: the file's name
// stands in the first line.
type printer struct {
	strings.Builder
	file string
}

func (p *printer) line(depth int, format string, args ...any) {
	fmt.Fprintf(p, strings.Repeat("  ", depth)+format+"\n", args...)
}

func (p *printer) node(depth int, n Node) {
	switch n := n.(type) {
	case *App:
		p.part(depth, "app", &n.Part)
		p.settings(depth+1, n.Local)
	case *Pipeline:
		p.pipeline(depth, n)
	case *URLMap:
		p.urlMap(depth, n)
	}
}

func (p *printer) pipeline(depth int, n *Pipeline) {
	name := "pipeline"
	if n.Key != "" {
		name += " " + n.Key
	}
	p.line(depth, "%s  %s", name, p.where(n.Section, n.Pos))
	for _, f := range n.Filters {
		p.part(depth+1, "filter", &f.Part)
		p.settings(depth+2, f.Local)
	}
	p.node(depth+1, n.App)
}

func (p *printer) urlMap(depth int, n *URLMap) {
	p.line(depth, "urlmap  %s", p.where(n.Section, n.Pos))
	for _, m := range n.Mounts {
		p.line(depth+1, "%s", m)
		p.node(depth+2, m.Node)
	}
	if n.NotFound != nil {
		p.line(depth+1, "not found")
		p.node(depth+2, n.NotFound)
	}
}

// String renders the place as a key of a urlmap would.
func (m Mount) String() string {
	path := m.Path
	if path == "" {
		path = "/"
	}
	switch {
	case m.Port != "":
		return fmt.Sprintf("domain %s port %s %s", m.Domain, m.Port, path)
	case m.Domain != "":
		return fmt.Sprintf("domain %s %s", m.Domain, path)
	}
	return path
}

func (p *printer) part(depth int, what string, part *Part) {
	p.line(depth, "%s %s = %s  %s", what, part.Factory.Kind, part.Factory.Path, p.where(part.Section, part.Pos))
}

func (p *printer) settings(depth int, s Settings) {
	for _, name := range slices.Sorted(maps.Keys(s)) {
		value := s[name].Value
		if strings.Contains(value, "\n") {
			value = strconv.Quote(value)
		}
		p.line(depth, "%s = %s", name, value)
	}
}

func (p *printer) where(section string, pos Pos) string {
	place := pos.String()
	if pos.File == p.file {
		place = "line " + strconv.Itoa(pos.Line)
	}
	if section == "" {
		return place
	}
	return "[" + section + "] " + place
}
