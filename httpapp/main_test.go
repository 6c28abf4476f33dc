package httpapp_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"testing"
	"testing/fstest"
	"time"

	"github.com/rs/zerolog"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/etc"
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/etc/paste"
	"github.com/seed-a8f20362/hadron/httpapp"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// recorded is the configuration of the server that the golden conversations were recorded with, as far as it matters
// to what is built.
const recorded = `
[DEFAULT]
dns_domain = ref.example.
service_plugins = router,segments,network_segment_range,metering,trunk,log,qos,conntrack_helper,port_forwarding,ndp_proxy
[ml2]
project_network_types = vxlan
[ml2_type_vlan]
network_vlan_ranges = physnet1:1:1000,physnet2:1:1000
[ml2_type_gre]
tunnel_id_ranges = 1:1000
[ml2_type_geneve]
vni_ranges = 1:1000
max_header_size = 38
`

// load reads the shipped configuration with more on top.
func load(t testing.TB, more string) *conf.Snapshot {
	t.Helper()
	files := fstest.MapFS{"etc/neutron/neutron.conf.d/more.conf": {Data: []byte(more)}}
	for _, name := range []string{"neutron.conf", "api-paste.ini"} {
		data, err := fs.ReadFile(etc.Files(), name)
		if err != nil {
			t.Fatal(err)
		}
		files["etc/neutron/"+name] = &fstest.MapFile{Data: data}
	}
	s, err := conf.Load(conf.FileSystem(files))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// open opens a database file of the test's own, prepared for s.
func open(t testing.TB, s *conf.Snapshot) *store.DB {
	t.Helper()
	ctx := context.Background()
	db, err := store.Open(ctx, store.Options{URL: "sqlite:///" + filepath.Join(t.TempDir(), "neutron.sqlite")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	if err := httpapp.Prepare(ctx, s, db); err != nil {
		t.Fatal(err)
	}
	return db
}

// describe reads an api-paste.ini, the shipped one when text is empty.
func describe(t testing.TB, text string) *paste.Description {
	t.Helper()
	if text == "" {
		data, err := fs.ReadFile(etc.Files(), "api-paste.ini")
		if err != nil {
			t.Fatal(err)
		}
		text = string(data)
	}
	d, err := paste.Parse("api-paste.ini", []byte(text), paste.Options{App: "neutron", AuthStrategy: "noauth"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// application builds the whole application on a fresh database.
func application(t testing.TB, framework, more string) *httpapp.App {
	t.Helper()
	s := load(t, more)
	return applicationOn(t, s, open(t, s), framework)
}

// applicationOn builds the whole application on a database.
func applicationOn(t testing.TB, s *conf.Snapshot, db *store.DB, framework string) *httpapp.App {
	t.Helper()
	return applicationAt(t, s, db, framework, time.Now)
}

// applicationAt builds the whole application on a database, with a clock of the test's own.
func applicationAt(t testing.TB, s *conf.Snapshot, db *store.DB, framework string, now func() time.Time) *httpapp.App {
	t.Helper()
	app, err := httpapp.New(s, describe(t, ""), framework, httpapp.Options{
		DB: db, Logger: func(string) zerolog.Logger { return zerolog.Nop() }, Now: now,
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}

// headerPaste is the pipeline of keystone without the filter that asks Keystone: identity comes in headers.
const headerPaste = `[composite:neutron]
use = egg:Paste#urlmap
/: versions
/v2.0: api
[pipeline:versions]
pipeline = cors http_proxy_to_wsgi versionsapp
[pipeline:api]
pipeline = cors http_proxy_to_wsgi request_id catch_errors keystonecontext extensions apiapp
[filter:cors]
paste.filter_factory = oslo_middleware.cors:filter_factory
[filter:http_proxy_to_wsgi]
paste.filter_factory = oslo_middleware.http_proxy_to_wsgi:HTTPProxyToWSGI.factory
[filter:request_id]
paste.filter_factory = oslo_middleware:RequestId.factory
[filter:catch_errors]
paste.filter_factory = oslo_middleware:CatchErrors.factory
[filter:keystonecontext]
paste.filter_factory = neutron.auth:NeutronKeystoneContext.factory
[filter:extensions]
paste.filter_factory = neutron.api.extensions:plugin_aware_extension_middleware_factory
[app:versionsapp]
paste.app_factory = neutron.pecan_wsgi.app:versions_factory
[app:apiapp]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
`

// identifying builds the whole application on a database, with callers as the headers of their requests say.
func identifying(t testing.TB, s *conf.Snapshot, db *store.DB, framework string) *httpapp.App {
	t.Helper()
	app, err := httpapp.New(s, describe(t, headerPaste), framework, httpapp.Options{
		DB: db, Logger: func(string) zerolog.Logger { return zerolog.Nop() },
	})
	if err != nil {
		t.Fatal(err)
	}
	return app
}
