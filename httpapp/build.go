package httpapp

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/filters"
	"github.com/seed-a8f20362/hadron/httpapp/legacy"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/pecan"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// Front makes a front controller over an engine, or says why it cannot.
type Front func(*api.Engine, api.FrontOptions) (http.Handler, error)

// Frameworks returns the front controllers by the names web_framework has for them.
func Frameworks() map[string]Front {
	return map[string]Front{
		"legacy": func(e *api.Engine, o api.FrontOptions) (http.Handler, error) { return legacy.New(e, o), nil },
		"pecan":  func(e *api.Engine, o api.FrontOptions) (http.Handler, error) { return pecan.New(e, o), nil },
	}
}

// Options are what an application needs besides its configuration.
type Options struct {
	DB *store.DB
	// Logger returns the logger of that name.
	Logger func(name string) zerolog.Logger
	// AccessLog, when set, is offered the lines of the access log before Logger("neutron.wsgi") gets them.
	AccessLog AccessLog
	// Now is the clock; nil is time.Now.
	Now func() time.Time
	// Frameworks are the front controllers to choose from; nil is Frameworks().
	Frameworks map[string]Front
	// Observe, when set, is told of every answer. It must not block.
	Observe func(method string, status int, took time.Duration)
	// CallbackFailed, when set, is told of every hook that failed behind the request's transaction. It must not block.
	CallbackFailed func(event, hook string)
	// Ready, when set, is asked by the healthcheck: an error's text is a reason for 503.
	Ready func() error
	// Wrap, when set, wraps the front controller: a test injects faults there.
	Wrap func(http.Handler) http.Handler
}

// New builds the application that d describes, with the front controller of that name for the core resources. The
// error joins everything that is wrong, each with file and line.
func New(s *conf.Snapshot, d *paste.Description, framework string, o Options) (*App, error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Frameworks == nil {
		o.Frameworks = Frameworks()
	}
	front, ok := o.Frameworks[framework]
	if !ok {
		return nil, fmt.Errorf("web_framework %q is not built in", framework)
	}
	engine, err := newEngine(s, o, newHooks(o))
	if err != nil {
		return nil, err
	}
	access, err := newAccessLog(s.Text(conf.WSGILogFormat))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", s.Origin(conf.WSGILogFormat), err)
	}
	b := &builder{conf: s, options: o, engine: engine, framework: framework, front: front, log: o.Logger("neutron.api")}
	root := b.node(d.Root)
	if err := errors.Join(b.errs...); err != nil {
		return nil, err
	}
	return &App{Framework: framework, root: filters.DropUnderscores(guard(b.log)(root)), log: o.Logger("neutron.wsgi"), access: access, lines: o.AccessLog, now: o.Now, observe: o.Observe}, nil
}

// builder walks a description and collects what it cannot build.
type builder struct {
	conf    *conf.Snapshot
	options Options
	engine  *api.Engine
	// framework is the name of front.
	framework string
	front     Front
	log       zerolog.Logger
	errs      []error
}

func (b *builder) fail(at paste.Pos, section, format string, args ...any) {
	b.errs = append(b.errs, fmt.Errorf("%s: [%s] %s", at, section, fmt.Sprintf(format, args...)))
}

func (b *builder) node(n paste.Node) http.Handler {
	switch n := n.(type) {
	case *paste.URLMap:
		return b.urlMap(n)
	case *paste.Pipeline:
		return b.pipeline(n)
	case *paste.App:
		return b.app(n)
	}
	b.errs = append(b.errs, fmt.Errorf("paste: no way to build a %T", n))
	return http.NotFoundHandler()
}

func (b *builder) urlMap(n *paste.URLMap) http.Handler {
	m := &urlMap{notFound: http.NotFoundHandler()}
	for _, p := range n.Mounts {
		m.mounts = append(m.mounts, mount{domain: p.Domain, port: p.Port, path: p.Path, app: b.node(p.Node)})
	}
	if n.NotFound != nil {
		m.notFound = b.node(n.NotFound)
	}
	return m
}

func (b *builder) pipeline(n *paste.Pipeline) http.Handler {
	h := b.node(n.App)
	for i := len(n.Filters) - 1; i >= 0; i-- {
		if f := b.filter(n.Filters[i]); f != nil {
			h = f(h)
		}
	}
	return h
}

func (b *builder) app(n *paste.App) http.Handler {
	switch n.Factory.Kind {
	case paste.API:
		return b.api(n)
	case paste.Versions:
		return api.Versions()
	case paste.Healthcheck:
		return filters.Healthcheck(b.healthcheck(&n.Part))
	}
	b.fail(n.FactoryPos, n.Section, "application %s is not built in yet", n.Factory.Path)
	return http.NotFoundHandler()
}

// filter returns the built-in that stands for a filter, nil for one that changes nothing here.
func (b *builder) filter(n *paste.Filter) filters.Filter {
	switch n.Factory.Kind {
	case paste.Cors:
		return filters.CORS(b.cors(&n.Part)...)
	case paste.HTTPProxy:
		return filters.HTTPProxy(b.localBool(&n.Part, "enable_proxy_headers_parsing", b.conf.Bool(conf.EnableProxyHeadersParsing)))
	case paste.RequestID:
		return filters.RequestID()
	case paste.CatchErrors:
		return guard(b.log)
	case paste.FakeProjectID:
		return filters.FakeProjectID()
	case paste.KeystoneContext:
		return filters.KeystoneContext(b.identify)
	case paste.Extensions:
		return b.extensions
	case paste.SizeLimit:
		return filters.SizeLimit(int64(b.localInt(&n.Part, "max_request_body_size", b.conf.Int(conf.MaxRequestBodySize))))
	case paste.Healthcheck:
		return filters.HealthcheckFilter(b.healthcheck(&n.Part))
	}
	return b.operatorsFilter(n)
}

// operatorsFilter returns those that Neutron ships in no pipeline.
func (b *builder) operatorsFilter(n *paste.Filter) filters.Filter {
	switch n.Factory.Kind {
	case paste.Debug:
		return filters.Debug(func(r *http.Request) zerolog.Logger { return withContext(b.log, neutron.FromContext(r.Context())) })
	case paste.CorrelationID:
		return filters.CorrelationID()
	case paste.SSL:
		return filters.SSL(localText(&n.Part, "secure_proxy_ssl_header", b.conf.Text(conf.SecureProxySSLHeader)))
	case paste.Stats:
		return b.stats(n)
	case paste.BasicAuth:
		return b.basicAuth(n)
	case paste.Prefix:
		return filters.Prefix(b.prefix(&n.Part))
	case paste.Audit:
		b.log.Warn().Str("section", n.Section).Str("at", n.Pos.String()).Msg("filter is accepted without effect: there are no notifications yet")
		return nil
	case paste.Profiler: // in every file that Neutron ships, and off unless [profiler] says otherwise
		b.log.Info().Str("section", n.Section).Str("at", n.Pos.String()).Msg("filter is accepted without effect")
		return nil
	case paste.AuthToken:
		return b.authToken(n)
	case paste.ProjectID:
		b.fail(n.FactoryPos, n.Section, "filter %s asks Keystone, which is not built in yet", n.Factory.Path)
		return nil
	}
	b.fail(n.FactoryPos, n.Section, "filter %s is not built in yet", n.Factory.Path)
	return nil
}
