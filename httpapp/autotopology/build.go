package autotopology

import (
	"context"
	"errors"
	"fmt"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// topology is what there is of a project's topology.
type topology struct {
	network, router string   // "" for none
	subnets         []string // those with an interface of the router
}

const (
	findTopology = `SELECT network_id, coalesce(router_id, '') FROM auto_allocated_topologies WHERE project_id = ?`
	saveTopology = `INSERT INTO auto_allocated_topologies (project_id, network_id, router_id) VALUES (?, ?, ?)`
)

// find returns the topology of a project, the zero one for none.
func (s *Service) find(ctx context.Context, project string) (topology, error) {
	var t topology
	err := s.o.DB.Read(ctx, func(tx *store.Tx) error { return tx.Get(findTopology, []any{project}, &t.network, &t.router) })
	if store.IsNoRows(err) {
		return topology{}, nil
	}
	return t, err
}

// network returns the network of a project's topology, which it makes when there is none.
func (s *Service) network(ctx context.Context, rc *neutron.Context, project string) (string, error) {
	there, err := s.find(ctx, project)
	if err != nil || there.network != "" {
		return there.network, err
	}
	external, err := s.external(ctx)
	if err != nil {
		return "", err
	}
	var t topology
	network, err := s.build(ctx, rc, &t, project, external)
	if err == nil && network == t.network {
		return network, nil
	}
	// Something went wrong, or somebody was faster. A caller who is gone must not leave half a topology behind.
	if undone := s.cleanUp(context.WithoutCancel(ctx), rc, &t); undone != nil {
		return "", errors.Join(err, fmt.Errorf("remove half a topology: %w", undone))
	}
	return network, err
}

// build makes a topology and notes down in t what there is to remove, should it fail. It returns the network of the topology
// that the project has now: that of somebody who was faster, perhaps.
func (s *Service) build(ctx context.Context, rc *neutron.Context, t *topology, project, external string) (string, error) {
	subnets, err := s.inside(ctx, rc, t, project)
	if err != nil {
		if unmet(err) {
			err = because(err, "Unable to provide project private network")
		}
		return "", err
	}
	if err := s.outside(ctx, rc, t, project, external, subnets); err != nil {
		if neutron.KindOf(err) == neutron.BadRequest {
			err = because(err, "Unable to provide external connectivity")
		}
		return "", err
	}
	network, err := s.save(ctx, rc, project, t)
	if err != nil || network != t.network {
		return network, err
	}
	_, err = s.o.Networks.Update(ctx, rc, network, neutron.Attrs{"admin_state_up": true})
	return network, err
}

// inside makes the network, which stays down until all is done, and its subnets.
func (s *Service) inside(ctx context.Context, rc *neutron.Context, t *topology, project string) ([]string, error) {
	in, err := s.o.Fill(rc, "networks", neutron.Attrs{"name": "auto_allocated_network", "admin_state_up": false, "project_id": project})
	if err != nil {
		return nil, err
	}
	networks, err := s.o.Networks.Create(ctx, rc, []neutron.Attrs{in})
	if err != nil {
		return nil, err
	}
	t.network = networks[0].ID
	pools, err := s.pools(ctx, rc)
	if err != nil {
		return nil, err
	}
	if len(pools) == 0 {
		return nil, failure("Unable to provide project private network")
	}
	var subnets []string
	for i := range pools {
		id, err := s.subnet(ctx, rc, t.network, project, &pools[i])
		if err != nil {
			return nil, err
		}
		subnets = append(subnets, id)
	}
	return subnets, nil
}

func (s *Service) subnet(ctx context.Context, rc *neutron.Context, network, project string, pool *neutron.SubnetPool) (string, error) {
	in, err := s.o.Fill(rc, "subnets", neutron.Attrs{"name": fmt.Sprintf("auto_allocated_subnet_v%d", pool.IPVersion),
		"network_id": network, "project_id": project, "ip_version": pool.IPVersion, "subnetpool_id": pool.ID})
	if err != nil {
		return "", err
	}
	subnets, err := s.o.Subnets.Create(ctx, rc, []neutron.Attrs{in})
	if err != nil {
		return "", err
	}
	return subnets[0].ID, nil
}

// outside makes the router and connects the subnets.
func (s *Service) outside(ctx context.Context, rc *neutron.Context, t *topology, project, external string, subnets []string) error {
	in, err := s.o.Fill(rc, "routers", neutron.Attrs{"name": "auto_allocated_router", "admin_state_up": true, "project_id": project,
		"external_gateway_info": map[string]any{"network_id": external}})
	if err != nil {
		return err
	}
	routers, err := s.o.Routers.Create(ctx, rc, []neutron.Attrs{in})
	if err != nil {
		return err
	}
	t.router = routers[0].ID
	for _, id := range subnets {
		if err := s.o.Routers.AddInterface(ctx, rc, t.router, map[string]any{"subnet_id": id}, &wire.Buffer{}); err != nil {
			return err
		}
		t.subnets = append(t.subnets, id)
	}
	return nil
}

// save makes t the topology of a project, unless it has one by now, and returns the network of the one that it has.
func (s *Service) save(ctx context.Context, rc *neutron.Context, project string, t *topology) (string, error) {
	network := t.network
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		network = t.network
		var router string
		err := tx.Get(findTopology, []any{project}, &network, &router)
		if !store.IsNoRows(err) {
			return err
		}
		return s.create(tx, rc, Topology{ProjectID: project, NetworkID: t.network, RouterID: t.router})
	})
	return network, err
}

// cleanUp removes what there is of a topology. What somebody else has removed meanwhile is as good as removed.
func (s *Service) cleanUp(ctx context.Context, rc *neutron.Context, t *topology) error {
	if t.router != "" {
		for _, id := range t.subnets {
			if err := unlessGone(s.o.Routers.RemoveInterface(ctx, rc, t.router, map[string]any{"subnet_id": id}, &wire.Buffer{})); err != nil {
				return err
			}
		}
		if err := unlessGone(s.o.Routers.Delete(ctx, rc, t.router)); err != nil {
			return err
		}
	}
	if t.network == "" {
		return nil
	}
	return unlessGone(s.o.Networks.Delete(ctx, rc, t.network))
}

func unlessGone(err error) error {
	if err != nil && neutron.KindOf(err) == neutron.NotFound {
		return nil
	}
	return err
}
