package paste

import (
	"strings"
	"testing"
)

func TestFactoryTableHasNoTwins(t *testing.T) {
	t.Parallel()
	seen := map[string]Kind{}
	for _, f := range Factories() {
		key := canonicalPath(f.Path) + " " + string(f.Protocol)
		if other, ok := seen[key]; ok {
			t.Errorf("%s is listed for %s and for %s", key, other, f.Kind)
		}
		seen[key] = f.Kind
		if strings.Count(f.Path, ":") != 1 {
			t.Errorf("path %q is not of the form module:attribute", f.Path)
		}
	}
}

func TestFactoryAliases(t *testing.T) {
	t.Parallel()
	c := newCatalogue(Factories())
	tests := []struct {
		path     string
		protocol Protocol
		want     Kind
	}{
		{"egg:Paste#urlmap", "", urlMap},
		{"egg:paste#urlmap", "", urlMap},
		{"neutron.auth:pipeline_factory", CompositeFactory, authPipeline},
		{"neutron.api.v2.router:APIRouter.factory", AppFactory, API},
		{"neutron.api.versions:Versions.factory", AppFactory, Versions},
		{"neutron.pecan_wsgi.app:versions_factory", AppFactory, Versions},
		{"oslo_middleware:Healthcheck.app_factory", AppFactory, Healthcheck},
		{"oslo_middleware.healthcheck:Healthcheck.factory", FilterFactory, Healthcheck},
		{"oslo_middleware.cors:filter_factory", FilterFactory, Cors},
		{"oslo_middleware:CORS.factory", FilterFactory, Cors},
		{"oslo_middleware:RequestId.factory", FilterFactory, RequestID},
		{"oslo_middleware.request_id:RequestId.factory", FilterFactory, RequestID},
		{"egg:oslo.middleware#request_id", "", RequestID},
		{"egg:OSLO-Middleware#request_id", "", RequestID},
		{"oslo_middleware:CatchErrors.factory", FilterFactory, CatchErrors},
		{"oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory", FilterFactory, HTTPProxy},
		{"oslo_middleware.sizelimit:RequestBodySizeLimiter.factory", FilterFactory, SizeLimit},
		{"oslo_middleware:RequestBodySizeLimiter.factory", FilterFactory, SizeLimit},
		{"keystonemiddleware.auth_token:filter_factory", FilterFactory, AuthToken},
		{"keystonemiddleware.audit:filter_factory", FilterFactory, Audit},
		{"neutron.auth:NeutronKeystoneContext.factory", FilterFactory, KeystoneContext},
		{"neutron.auth:NoauthFakeProjectId.factory", FilterFactory, FakeProjectID},
		{"neutron.api.extensions:plugin_aware_extension_middleware_factory", FilterFactory, Extensions},
		{"neutron.api.extensions:ProjectIdMiddleware.factory", FilterFactory, ProjectID},
		{"osprofiler.web:WsgiMiddleware.factory", FilterFactory, Profiler},
		{"paste.deploy.config:make_prefix_middleware", FilterAppFactory, Prefix},
	}
	for _, test := range tests {
		want := wantFilter
		if k := test.want; k == urlMap || k == authPipeline {
			want = wantApp
		}
		got, err := c.find(test.path, test.protocol, want)
		if err != nil || got.Kind != test.want || got.Path != test.path {
			t.Errorf("%s %s: got %+v, %v, want %s", test.protocol, test.path, got, err, test.want)
		}
	}
}

func TestOneEggEntryServesBothRoles(t *testing.T) {
	t.Parallel()
	c := newCatalogue(Factories())
	for want, protocol := range map[role]Protocol{wantApp: AppFactory, wantFilter: FilterFactory} {
		got, err := c.find("egg:oslo.middleware#healthcheck", "", want)
		if err != nil || got.Protocol != protocol {
			t.Errorf("as %s: got %+v, %v, want %s", want, got, err, protocol)
		}
	}
}
