package paste

import (
	"fmt"
	"math/rand/v2"
	"strings"
)

// scenario is one set of files to load, in the form that testdata/oracle/oracle.py
// reads.
type scenario struct {
	Files    map[string]string `json:"files"` // by path below the folder; api-paste.ini is the first
	App      string            `json:"app"`
	Strategy string            `json:"strategy"`
	Global   map[string]string `json:"global,omitempty"`
}

// generator makes files out of every feature of the dialect, with a mistake now
// and then. One seed makes the same files on every machine.
type generator struct {
	*rand.Rand
	file     strings.Builder
	slips    float64 // chance of a mistake at each place where one can be made
	apps     []string
	filters  []string
	included []string // of each included file
}

// generate answers the scenario of a seed.
func generate(seed uint64) scenario {
	g := &generator{Rand: rand.New(rand.NewPCG(seed, 0))}
	if g.chance(0.4) {
		g.slips = 0.02
	}
	s := scenario{Files: map[string]string{}, App: "neutron", Strategy: "noauth"}
	for _, name := range []string{"extra.ini", "parts/more.ini"} {
		if g.chance(0.35) {
			s.Files[name] = g.text(nil)
			g.included = append(g.included, name)
		}
	}
	s.Files["api-paste.ini"] = g.text(g.included)
	if g.chance(0.2) {
		s.Global = map[string]string{g.pick("g1", "g2", "g3"): "from the caller"}
	}
	s.App = g.pick("neutron", "neutron", "neutron", "neutron", "main", "a", "egg:oslo.middleware#healthcheck")
	if len(g.included) > 0 && g.chance(0.1) {
		s.App = "config:" + g.included[0] + g.pick("", "#neutron", "#a")
	}
	s.Strategy = g.pick("noauth", "noauth", "noauth", "keystone")
	return s
}

func (g *generator) chance(p float64) bool { return g.Float64() < p }
func (g *generator) slip() bool            { return g.chance(g.slips) }
func (g *generator) pick(words ...string) string {
	return words[g.IntN(len(words))]
}
func (g *generator) linef(format string, args ...any) {
	fmt.Fprintf(&g.file, format+g.pick("\n", "\n", "\n", "\n", " \n", "\r\n"), args...)
	if g.chance(0.04) {
		g.file.WriteString(g.pick("\n", "# a comment = x\n", "  ; indented comment\n", "\n\n"))
	}
	if g.slip() && g.chance(0.1) {
		g.file.WriteString(g.pick("no delimiter\n", "= no key\n", "[half\n", "[]\n"))
	}
}

// text writes one file. Applications refer to those that stand after them, so
// that most files have no loop; the sections come in any order.
func (g *generator) text(include []string) string {
	g.file.Reset()
	g.included = include
	g.apps, g.filters = nil, nil
	var sections []string
	section := func(write func()) {
		outer := g.file.String()
		g.file.Reset()
		write()
		sections = append(sections, g.file.String())
		g.file.Reset()
		g.file.WriteString(outer)
	}
	if g.chance(0.7) {
		section(g.defaults)
	}
	for _, name := range []string{"f3", "f2", "f1"} {
		section(func() { g.filter(name) })
		g.filters = append(g.filters, name)
	}
	for _, name := range []string{"d", "c", "b", "a", "main", "neutron"} {
		if name == "neutron" || g.chance(0.85) {
			section(func() { g.app(name) })
			g.apps = append(g.apps, name)
		}
	}
	if g.chance(0.1) {
		sections = append(sections, "[server:main]\nuse = egg:Paste#http\n")
	}
	if g.slip() {
		sections = append(sections, sections[g.IntN(len(sections))])
	}
	g.Shuffle(len(sections), func(i, j int) { sections[i], sections[j] = sections[j], sections[i] })
	return g.mark() + strings.Join(sections, g.pick("\n", ""))
}

// mark answers what some editors begin a file with.
func (g *generator) mark() string {
	if g.chance(0.002) {
		return "\ufeff"
	}
	return ""
}

func (g *generator) defaults() {
	g.linef("[DEFAULT]")
	for _, key := range []string{"g1", "g2", "g3"} {
		if g.chance(0.5) {
			g.key(key, g.value())
		}
	}
	if g.chance(0.15) {
		g.key("set "+g.pick("g1", "g4"), g.value())
	}
	if g.chance(0.05) {
		g.key("here", "/elsewhere")
	}
	if g.chance(0.05) && len(g.apps) > 0 {
		g.key("not_found_app", g.appName())
	}
}

// key writes one setting in one of the ways it can be written.
func (g *generator) key(name, value string) {
	sep := g.pick(" = ", " = ", "=", ": ", " : ", "= ")
	if strings.ContainsAny(name, ":=") {
		sep = " = "
	}
	g.linef("%s%s%s", name, sep, value)
	if g.slip() && g.chance(0.3) {
		g.linef("%s = again", name)
	}
}

func (g *generator) value() string {
	switch g.IntN(12) {
	case 0:
		return ""
	case 1:
		return "%(here)s/" + g.pick("x", "y z", "100%%")
	case 2:
		return "%(__file__)s"
	case 3:
		return g.pick("%(g1)s", "%(g2)s-%(g1)s", "%(x)s!", "%(g3)s%(g3)s")
	case 4:
		return "several\n   words\n\n     in lines"
	case 5:
		return "a = b: c; d # e"
	case 6:
		return "first\n  # a comment between\n  second"
	case 7:
		if g.slip() {
			return g.pick("50%", "%(nothing)s", "%(x", "%(x)d", "%()s")
		}
	}
	return g.pick("1", "true", "value", "a  b", "ünïcode", "[x]", "\"quoted\"", "$dollar")
}

// keys writes what a section may say besides what makes it.
func (g *generator) keys(plain bool) {
	for _, name := range []string{"x", "y", "local conf", "g1"} {
		if plain && g.chance(0.25) {
			g.key(name, g.value())
		}
	}
	if g.chance(0.3) {
		g.key("set "+g.pick("g1", "g2", "g4", "x"), g.value())
	}
	if plain && g.chance(0.2) {
		g.key("get "+g.pick("x", "z", "g1"), g.pick("here", "here", "__file__", "g1"))
	}
	if g.chance(0.15) && len(g.filters) > 0 {
		g.key("filter-with", g.filterName())
	}
	if g.chance(0.03) {
		g.key("require", g.pick("PasteDeploy", "PasteDeploy", "PasteDeploy", "PasteDeploy", "Nowhere"))
	}
}

func (g *generator) appName() string {
	if g.slip() {
		return g.pick("nothing", "neutron", "app:d", "pkg:thing#x", "egg:oslo.middleware#nothing", "call:no.such:thing", "call:noattr", "config:gone.ini")
	}
	if g.chance(0.1) {
		return "egg:oslo.middleware#healthcheck"
	}
	if len(g.included) > 0 && g.chance(0.15) {
		return g.include()
	}
	if len(g.apps) == 0 {
		return "egg:oslo.middleware#healthcheck"
	}
	return g.pick(g.apps...)
}

func (g *generator) include() string {
	file := g.pick(g.included...)
	if g.chance(0.1) {
		file = strings.Replace(file, ".", "%%2E", 1)
	}
	return "config:" + file + g.pick("", "#main", "#neutron", "#neutron", "#a")
}

func (g *generator) filterName() string {
	if g.slip() {
		return g.pick("nothing", "a", "egg:oslo.middleware#nothing", "f1")
	}
	if g.chance(0.005) {
		return "call:oslo_middleware.cors:filter_factory"
	}
	if g.chance(0.15) || len(g.filters) == 0 {
		return g.pick("egg:oslo.middleware#cors", "egg:PasteDeploy#prefix", "egg:Oslo_Middleware#debug")
	}
	return g.pick(g.filters...)
}

func (g *generator) filter(name string) {
	g.linef("[filter:%s%s]", g.pick("", "", " "), name)
	made := g.IntN(6)
	if made == 5 && len(g.filters) == 0 {
		made = 0
	}
	switch made {
	case 0:
		g.key("paste.filter_factory", g.factory("oslo_middleware.cors:filter_factory"))
	case 1:
		g.key("paste.filter_app_factory", "paste.deploy.config:make_prefix_middleware")
	case 2:
		g.key("use", g.pick("egg:oslo.middleware#request_id", "egg:PasteDeploy#prefix"))
	case 3:
		called := g.pick("neutron.api.extensions:plugin_aware_extension_middleware_factory", "oslo_middleware.cors:filter_factory")
		if g.chance(0.03) {
			called = "oslo_middleware:CORS.factory"
		}
		g.key("use", "call:"+called)
	case 4:
		g.key("paste.filter_factory", "oslo_middleware:CatchErrors.factory")
	case 5:
		g.key("use", g.filterName())
	}
	g.keys(true)
}

// factory answers a path, or one that nothing has.
func (g *generator) factory(path string) string {
	if g.slip() {
		return g.pick("no.such:thing", "oslo_middleware:Nothing.factory")
	}
	return path
}

func (g *generator) app(name string) {
	if len(g.apps) == 0 {
		g.leaf(name)
		return
	}
	switch g.IntN(8) {
	case 0, 1:
		g.leaf(name)
	case 2, 3:
		g.pipeline(name)
	case 4:
		g.filterApp(name)
	case 5, 6:
		g.urlMap(name)
	case 7:
		g.strategies(name)
	}
}

func (g *generator) leaf(name string) {
	g.linef("[%s:%s%s]", g.pick("app", "app", "application"), g.pick("", "", "  "), name)
	switch n := g.IntN(5); {
	case n == 0:
		g.key("paste.app_factory", g.factory("neutron.pecan_wsgi.app:versions_factory"))
	case n == 1:
		g.key("use", "egg:oslo.middleware#healthcheck")
	case n == 2:
		g.key("use", "call:neutron.pecan_wsgi.app:v2_factory")
	default:
		g.key("use", g.appName())
	}
	if g.slip() {
		g.key(g.pick("paste.composite_factory", "paste.app_factory"), "neutron.auth:pipeline_factory")
	}
	g.keys(true)
}

// members lists filters and an application.
func (g *generator) members() string {
	var names []string
	for range g.IntN(4) {
		names = append(names, g.filterName())
	}
	if g.slip() {
		return ""
	}
	return strings.Join(append(names, g.appName()), g.pick(" ", "  ", "\n   "))
}

func (g *generator) pipeline(name string) {
	g.linef("[pipeline:%s]", name)
	if !g.slip() {
		g.key("pipeline", g.members())
	}
	g.keys(g.slip())
}

func (g *generator) filterApp(name string) {
	g.linef("[filter-app:%s]", name)
	if g.chance(0.5) {
		g.key("use", g.filterName())
	} else {
		g.key("paste.filter_factory", "oslo_middleware:RequestId.factory")
	}
	if !g.slip() {
		g.key("next", g.appName())
	}
	g.keys(true)
}

func (g *generator) urlMap(name string) {
	g.linef("[%s:%s]", g.pick("composite", "composite", "composit"), name)
	g.key(g.pick("use", "use", "paste.composite_factory", "paste.composit_factory"), "paste.urlmap:urlmap_factory")
	text := g.file.String()
	if strings.Contains(text, "use") {
		g.file.Reset()
		g.file.WriteString(strings.Replace(text, "paste.urlmap:urlmap_factory",
			g.pick("egg:Paste#urlmap", "call:paste.urlmap:urlmap_factory"), 1))
	}
	for _, path := range []string{"/", "/v2.0", "//v2.0//networks/", "/v2", "domain one.example /", "domain one.example port 8080 /x",
		"domain one.example port 8080", "port 80 domain two.example /v2.0", "/healthcheck"} {
		if g.chance(0.3) {
			g.key(path, g.appName())
		}
	}
	if g.slip() {
		g.key(g.pick("v2.0", "port 80 /", "domain", "domain a domain b /", "/a /b", "/v2/"), g.appName())
	}
	if g.chance(0.2) {
		g.key("not_found_app", g.appName())
	}
	if g.chance(0.3) {
		g.key("set "+g.pick("g1", "g4"), g.value())
	}
}

func (g *generator) strategies(name string) {
	g.linef("[composite:%s]", name)
	g.key("use", "call:neutron.auth:pipeline_factory")
	g.key("noauth", g.members())
	if g.chance(0.9) {
		g.key("keystone", g.members())
	}
	if g.chance(0.3) {
		g.key("set g1", "never seen")
	}
}
