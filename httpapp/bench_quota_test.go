package httpapp_test

import (
	"fmt"
	"testing"
)

// BenchmarkLimits makes and removes a port of a project that has 400 more, by driver and limit: what each costs beside a server
// that knows no limits ("without").
func BenchmarkLimits(b *testing.B) {
	for _, c := range []struct{ name, config string }{
		{"without", "quota_driver = neutron.db.quota.driver_null.DbQuotaDriverNull"},
		{"unlimited", "quota_port = -1"},
		{"limited", "quota_port = 500"},
	} {
		b.Run(c.name, func(b *testing.B) {
			app := application(b, "pecan", "[quotas]\n"+c.config+"\n")
			network := made(b, app, "network", `"project_id": "p"`)
			body := fmt.Sprintf(`"project_id": "p", "network_id": "%s"`, network)
			for range 400 {
				made(b, app, "port", body)
			}
			b.ReportAllocs()
			for b.Loop() {
				call(b, app, "DELETE", "/v2.0/ports/"+made(b, app, "port", body), "", 204)
			}
		})
	}
}
