package neutrontest_test

import (
	"context"
	"net/http"
	"testing"

	"github.com/gophercloud/gophercloud/v2"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/networks"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/ports"
	"github.com/gophercloud/gophercloud/v2/openstack/networking/v2/subnets"
	"go.uber.org/goleak"

	"github.com/seed-a8f20362/hadron/supervisor/neutrontest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// client is gophercloud's networking client without authentication.
func client(t *testing.T, s *neutrontest.Server) *gophercloud.ServiceClient {
	t.Helper()
	transport := &http.Transport{}
	t.Cleanup(transport.CloseIdleConnections)
	provider := &gophercloud.ProviderClient{HTTPClient: http.Client{Transport: transport}}
	return &gophercloud.ServiceClient{ProviderClient: provider, Endpoint: s.URL + "/", ResourceBase: s.URL + "/v2.0/"}
}

// TestGophercloud takes a network, a subnet and a port through their lives with a real client, on both frameworks.
func TestGophercloud(t *testing.T) {
	t.Parallel()
	for _, framework := range []string{"legacy", "pecan"} {
		t.Run(framework, func(t *testing.T) {
			t.Parallel()
			ctx := context.Background()
			c := client(t, neutrontest.Start(t, neutrontest.Options{Config: "web_framework = " + framework}))
			n, err := networks.Create(ctx, c, networks.CreateOpts{Name: "n1", ProjectID: "p1"}).Extract()
			fatal(t, err)
			s, err := subnets.Create(ctx, c, subnets.CreateOpts{NetworkID: n.ID, CIDR: "10.0.0.0/24", IPVersion: 4, Name: "s1"}).Extract()
			fatal(t, err)
			p, err := ports.Create(ctx, c, ports.CreateOpts{NetworkID: n.ID, Name: "v1",
				FixedIPs: []ports.IP{{SubnetID: s.ID, IPAddress: "10.0.0.9"}}}).Extract()
			fatal(t, err)
			if len(p.FixedIPs) != 1 || p.FixedIPs[0].IPAddress != "10.0.0.9" || p.Status != "DOWN" {
				t.Errorf("created %+v", p)
			}
			name := "v2"
			_, err = ports.Update(ctx, c, p.ID, ports.UpdateOpts{Name: &name}).Extract()
			fatal(t, err)
			pages, err := ports.List(c, ports.ListOpts{NetworkID: n.ID, Name: "v2"}).AllPages(ctx)
			fatal(t, err)
			all, err := ports.ExtractPorts(pages)
			fatal(t, err)
			if len(all) != 1 || all[0].ID != p.ID {
				t.Errorf("listed %+v", all)
			}
			got, err := networks.Get(ctx, c, n.ID).Extract()
			fatal(t, err)
			if got.Name != "n1" || len(got.Subnets) != 1 || got.ProjectID != "p1" {
				t.Errorf("got %+v", got)
			}
			if err := networks.Delete(ctx, c, n.ID).ExtractErr(); !gophercloud.ResponseCodeIs(err, http.StatusConflict) {
				t.Errorf("deleting a network in use: %v", err)
			}
			fatal(t, ports.Delete(ctx, c, p.ID).ExtractErr())
			fatal(t, subnets.Delete(ctx, c, s.ID).ExtractErr())
			fatal(t, networks.Delete(ctx, c, n.ID).ExtractErr())
			if _, err := networks.Get(ctx, c, n.ID).Extract(); !gophercloud.ResponseCodeIs(err, http.StatusNotFound) {
				t.Errorf("after the deletion: %v", err)
			}
		})
	}
}

func fatal(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
