package paste

import (
	"fmt"
	"strings"
)

// Kind says which built-in of hadron stands for a factory path.
type Kind string

// The built-ins. Several paths share a Kind when Python offers one thing under
// several names; Factory.Path keeps the name that the file used.
const (
	API             Kind = "api"              // the v2.0 resources
	Versions        Kind = "versions"         // the list of API versions
	Healthcheck     Kind = "healthcheck"      // an app, and a filter of the same name
	AuthToken       Kind = "authtoken"        // Keystone token validation
	KeystoneContext Kind = "keystonecontext"  // request context from identity headers
	FakeProjectID   Kind = "fake_project_id"  // a project for noauth requests that name none
	ProjectID       Kind = "project_id"       // 404 for projects that Keystone does not know
	Extensions      Kind = "extensions"       // extension resources, in front of the core API
	Cors            Kind = "cors"             // cross-origin headers and preflight
	HTTPProxy       Kind = "http_proxy"       // Forwarded and X-Forwarded-* to request fields
	RequestID       Kind = "request_id"       // x-openstack-request-id
	CorrelationID   Kind = "correlation_id"   // X-CORRELATION-ID
	CatchErrors     Kind = "catch_errors"     // any failure inside becomes a 500
	SizeLimit       Kind = "sizelimit"        // largest request body
	Debug           Kind = "debug"            // prints requests and replies
	SSL             Kind = "ssl"              // scheme from a header of a TLS proxy
	Stats           Kind = "stats"            // statsd timings
	BasicAuth       Kind = "basic_auth"       // HTTP basic authentication
	Audit           Kind = "audit"            // CADF audit notifications
	Profiler        Kind = "osprofiler"       // request traces
	Prefix          Kind = "prefix"           // a path prefix in front of the application
	urlMap          Kind = "urlmap"           // becomes a URLMap
	authPipeline    Kind = "pipeline_factory" // becomes the Pipeline that auth_strategy picks
)

// Protocol is the calling convention of a factory.
type Protocol string

// PasteDeploy's calling conventions. The misspelt composite of old files is
// the same as CompositeFactory.
const (
	AppFactory       Protocol = "paste.app_factory"
	CompositeFactory Protocol = "paste.composite_factory"
	FilterFactory    Protocol = "paste.filter_factory"
	FilterAppFactory Protocol = "paste.filter_app_factory"
)

const oldCompositeFactory = "paste.composit_factory"

// role is what the referring place wants: an application or a filter.
type role string

const (
	wantApp    role = "application"
	wantFilter role = "filter"
)

func (p Protocol) role() role {
	if p == AppFactory || p == CompositeFactory {
		return wantApp
	}
	return wantFilter
}

// Factory is a factory path and what hadron has for it.
type Factory struct {
	Kind     Kind
	Protocol Protocol
	Path     string // as spelled in the file, "call:" left off
}

// Factories lists every factory path that hadron knows. The first path of a
// Kind is the one that today's files use.
func Factories() []Factory {
	return []Factory{
		{urlMap, CompositeFactory, "egg:Paste#urlmap"},
		{urlMap, CompositeFactory, "paste.urlmap:urlmap_factory"},
		{authPipeline, CompositeFactory, "neutron.auth:pipeline_factory"},

		{API, AppFactory, "neutron.api.v2.router:APIRouter.factory"},
		{API, AppFactory, "neutron.pecan_wsgi.app:v2_factory"},
		{Versions, AppFactory, "neutron.pecan_wsgi.app:versions_factory"},
		{Versions, AppFactory, "neutron.api.versions:Versions.factory"},
		{Healthcheck, AppFactory, "oslo_middleware:Healthcheck.app_factory"},
		{Healthcheck, AppFactory, "oslo_middleware.healthcheck:Healthcheck.app_factory"},
		{Healthcheck, AppFactory, "egg:oslo.middleware#healthcheck"},

		{AuthToken, FilterFactory, "keystonemiddleware.auth_token:filter_factory"},
		{AuthToken, FilterFactory, "egg:keystonemiddleware#auth_token"},
		{AuthToken, FilterFactory, "keystoneclient.middleware.auth_token:filter_factory"},
		{KeystoneContext, FilterFactory, "neutron.auth:NeutronKeystoneContext.factory"},
		{FakeProjectID, FilterFactory, "neutron.auth:NoauthFakeProjectId.factory"},
		{ProjectID, FilterFactory, "neutron.api.extensions:ProjectIdMiddleware.factory"},
		{Extensions, FilterFactory, "neutron.api.extensions:plugin_aware_extension_middleware_factory"},
		{Audit, FilterFactory, "keystonemiddleware.audit:filter_factory"},
		{Audit, FilterFactory, "egg:keystonemiddleware#audit"},
		{Profiler, FilterFactory, "osprofiler.web:WsgiMiddleware.factory"},
		{Profiler, FilterFactory, "egg:osprofiler#osprofiler"},
		{Prefix, FilterAppFactory, "egg:PasteDeploy#prefix"},
		{Prefix, FilterAppFactory, "paste.deploy.config:make_prefix_middleware"},

		{Cors, FilterFactory, "oslo_middleware.cors:filter_factory"},
		{Cors, FilterFactory, "oslo_middleware:CORS.factory"},
		{Cors, FilterFactory, "oslo_middleware.cors:CORS.factory"},
		{Cors, FilterFactory, "oslo.middleware.cors:filter_factory"},
		{Cors, FilterFactory, "egg:oslo.middleware#cors"},
		{HTTPProxy, FilterFactory, "oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory"},
		{HTTPProxy, FilterFactory, "oslo_middleware:HTTPProxyToWSGI.factory"},
		{HTTPProxy, FilterFactory, "egg:oslo.middleware#http_proxy_to_wsgi"},
		{RequestID, FilterFactory, "oslo_middleware:RequestId.factory"},
		{RequestID, FilterFactory, "oslo_middleware.request_id:RequestId.factory"},
		{RequestID, FilterFactory, "oslo.middleware:RequestId.factory"},
		{RequestID, FilterFactory, "oslo.middleware.request_id:RequestId.factory"},
		{RequestID, FilterFactory, "egg:oslo.middleware#request_id"},
		{CatchErrors, FilterFactory, "oslo_middleware:CatchErrors.factory"},
		{CatchErrors, FilterFactory, "oslo_middleware.catch_errors:CatchErrors.factory"},
		{CatchErrors, FilterFactory, "oslo.middleware:CatchErrors.factory"},
		{CatchErrors, FilterFactory, "oslo.middleware.catch_errors:CatchErrors.factory"},
		{CatchErrors, FilterFactory, "egg:oslo.middleware#catch_errors"},
		{SizeLimit, FilterFactory, "oslo_middleware:RequestBodySizeLimiter.factory"},
		{SizeLimit, FilterFactory, "oslo_middleware.sizelimit:RequestBodySizeLimiter.factory"},
		{SizeLimit, FilterFactory, "oslo.middleware:RequestBodySizeLimiter.factory"},
		{SizeLimit, FilterFactory, "oslo.middleware.sizelimit:RequestBodySizeLimiter.factory"},
		{SizeLimit, FilterFactory, "egg:oslo.middleware#sizelimit"},
		{Debug, FilterFactory, "oslo_middleware:Debug.factory"},
		{Debug, FilterFactory, "oslo_middleware.debug:Debug.factory"},
		{Debug, FilterFactory, "oslo.middleware:Debug.factory"},
		{Debug, FilterFactory, "egg:oslo.middleware#debug"},
		{CorrelationID, FilterFactory, "oslo_middleware:CorrelationId.factory"},
		{CorrelationID, FilterFactory, "oslo_middleware.correlation_id:CorrelationId.factory"},
		{CorrelationID, FilterFactory, "egg:oslo.middleware#correlation_id"},
		{SSL, FilterFactory, "oslo_middleware:SSLMiddleware.factory"},
		{SSL, FilterFactory, "oslo_middleware.ssl:SSLMiddleware.factory"},
		{SSL, FilterFactory, "egg:oslo.middleware#ssl"},
		{Stats, FilterFactory, "oslo_middleware:StatsMiddleware.factory"},
		{Stats, FilterFactory, "oslo_middleware.stats:StatsMiddleware.factory"},
		{BasicAuth, FilterFactory, "oslo_middleware:BasicAuthMiddleware.factory"},
		{BasicAuth, FilterFactory, "oslo_middleware.basic_auth:BasicAuthMiddleware.factory"},
		{BasicAuth, FilterFactory, "egg:oslo.middleware#basic_auth"},
		{Healthcheck, FilterFactory, "oslo_middleware:Healthcheck.factory"},
		{Healthcheck, FilterFactory, "oslo_middleware.healthcheck:Healthcheck.factory"},
		{Healthcheck, FilterFactory, "egg:oslo.middleware#healthcheck"},
	}
}

// catalogue is the table with an index; a path may stand for an app and for a
// filter.
type catalogue struct {
	table  []Factory
	byPath map[string][]Factory
}

func newCatalogue(table []Factory) catalogue {
	c := catalogue{table: table, byPath: map[string][]Factory{}}
	for _, f := range table {
		key := canonicalPath(f.Path)
		c.byPath[key] = append(c.byPath[key], f)
	}
	return c
}

// canonicalPath folds the name of an egg's distribution, which Python compares
// without regard to case and to the choice between "-", "_" and ".".
func canonicalPath(path string) string {
	egg, ok := strings.CutPrefix(path, "egg:")
	if !ok {
		return path
	}
	dist, entry, _ := strings.Cut(egg, "#")
	words := strings.FieldsFunc(strings.ToLower(dist), func(r rune) bool {
		return r == '-' || r == '_' || r == '.'
	})
	return "egg:" + strings.Join(words, "-") + "#" + entry
}

// find answers the factory of a path. An empty protocol is one that the file
// leaves open: then the role decides.
func (c catalogue) find(path string, protocol Protocol, want role) (Factory, error) {
	candidates := c.byPath[canonicalPath(path)]
	for _, f := range candidates {
		if f.Protocol == protocol || protocol == "" && f.Protocol.role() == want {
			f.Path = path
			return f, nil
		}
	}
	if len(candidates) == 0 {
		return Factory{}, fmt.Errorf("unknown factory %q: hadron has no built-in for it (known: %s)", path, c.known(want))
	}
	wanted := string(protocol)
	if protocol == "" {
		wanted = string(want)
	}
	return Factory{}, fmt.Errorf("factory %q is a %s; wanted here: %s", path, candidates[0].Protocol, wanted)
}

// known lists one path per Kind for an error text.
func (c catalogue) known(want role) string {
	var paths []string
	seen := map[Kind]bool{}
	for _, f := range c.table {
		if f.Protocol.role() == want && !seen[f.Kind] {
			seen[f.Kind] = true
			paths = append(paths, f.Path)
		}
	}
	return strings.Join(paths, ", ")
}
