package l3

import (
	"context"
	"database/sql"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Pool is a subnet that floating IPs come from. Its project is that of who asks.
type Pool struct{ SubnetID, SubnetName, ProjectID, NetworkID, CIDR string }

// Pools answers requests for floating IP pools. It only reads.
type Pools struct{ o *Options }

// NewPools returns the floating IP pools beside the routers of s.
func NewPools(s *Service) *Pools { return &Pools{o: &s.o} }

// Floating IPs are IPv4 addresses on external networks.
const selectPools = `SELECT s.id, coalesce(s.name, ''), s.network_id, s.cidr FROM subnets s
	JOIN externalnetworks e ON e.network_id = s.network_id JOIN networks n ON n.id = s.network_id
	WHERE s.ip_version = 4 AND (? OR ` + canUse + `) ORDER BY s.id`

// List returns the IPv4 subnets of the external networks that rc may use. There is nothing to filter them by.
func (p *Pools) List(ctx context.Context, rc *neutron.Context, _ *neutron.Query) ([]Pool, error) {
	var out []Pool
	err := p.o.DB.Read(ctx, func(tx *store.Tx) error {
		out = []Pool{}
		return tx.Each(selectPools, []any{rc.Admin, rc.ProjectID, rc.ProjectID}, func(rows *sql.Rows) error {
			pool := Pool{ProjectID: rc.ProjectID}
			err := rows.Scan(&pool.SubnetID, &pool.SubnetName, &pool.NetworkID, &pool.CIDR)
			out = append(out, pool)
			return err
		})
	})
	return out, wrap("list floating IP pools", err)
}

// Get returns not found: pools have no URL of their own.
func (p *Pools) Get(context.Context, *neutron.Context, string, neutron.Fields) (Pool, error) {
	return Pool{}, noPoolURL()
}

// Create refuses: pools are what external networks have of subnets.
func (p *Pools) Create(context.Context, *neutron.Context, []neutron.Attrs) ([]Pool, error) {
	return nil, neutron.NewError(neutron.MethodNotAllowed, "HTTPMethodNotAllowed",
		"Floating IP pools are the subnets of external networks.")
}

// Update returns not found.
func (p *Pools) Update(context.Context, *neutron.Context, string, neutron.Attrs) (Pool, error) {
	return Pool{}, noPoolURL()
}

// Delete returns not found.
func (p *Pools) Delete(context.Context, *neutron.Context, string) error { return noPoolURL() }

func noPoolURL() error {
	return neutron.NewError(neutron.NotFound, "HTTPNotFound", "The resource could not be found.")
}

// PoolView returns every attribute of a pool.
func PoolView() wire.View[Pool] {
	return wire.View[Pool]{
		{Name: "subnet_id", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.SubnetID) }},
		{Name: "subnet_name", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.SubnetName) }},
		{Name: "project_id", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.ProjectID) }},
		{Name: "network_id", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.NetworkID) }},
		{Name: "cidr", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.CIDR) }},
		{Name: "tenant_id", Append: func(w *wire.Buffer, p *Pool) { w.Str(p.ProjectID) }},
	}
}
