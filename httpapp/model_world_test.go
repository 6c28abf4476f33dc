package httpapp_test

import (
	"slices"
	"strconv"
)

// world is the model: what is there, in the order of creation.
type world struct {
	networks []*modelNetwork
	subnets  []*modelSubnet
	ports    []*modelPort
}

type modelNetwork struct {
	id, project, name string
	up                bool
	shares            []share
}

// share is an rbac entry: access_as_shared.
type share struct{ id, owner, target string }

type modelSubnet struct {
	id, project, name, cidr string
	network                 *modelNetwork
}

type modelPort struct {
	id, project, name, device string
	network                   *modelNetwork
	subnets                   []string // of its fixed IPs
}

const everybody = "*"

func (n *modelNetwork) shared(project string) bool {
	return slices.ContainsFunc(n.shares, func(s share) bool { return s.target == project || s.target == everybody })
}

func (n *modelNetwork) visible(c caller) bool {
	return c.admin() || n.project == c.project || n.shared(c.project)
}

// visible: a subnet belongs to who made it, and is seen by whom its network is shared with. The network's owner may not
// see another's subnet on it (observed on 2026.1).
func (s *modelSubnet) visible(c caller) bool {
	return c.admin() || s.project == c.project || s.network.shared(c.project)
}

// visible: ports are seen by their project and by that of their network.
func (p *modelPort) visible(c caller) bool {
	return c.admin() || p.project == c.project || p.network.project == c.project
}

// strangers reports whether a port of another project than the network's is on it that no entry but without lets in.
func (w *world) strangers(n *modelNetwork, without share) bool {
	return slices.ContainsFunc(w.ports, func(p *modelPort) bool {
		if p.network != n || p.project == n.project || without.target != everybody && p.project != without.target {
			return false
		}
		return !slices.ContainsFunc(n.shares, func(s share) bool {
			return s != without && (s.target == everybody || s.target == p.project)
		})
	})
}

func (w *world) portsOf(n *modelNetwork) []*modelPort {
	var out []*modelPort
	for _, p := range w.ports {
		if p.network == n {
			out = append(out, p)
		}
	}
	return out
}

func (w *world) subnetsOf(n *modelNetwork) []*modelSubnet {
	var out []*modelSubnet
	for _, s := range w.subnets {
		if s.network == n {
			out = append(out, s)
		}
	}
	return out
}

// taken counts the addresses of a subnet that ports have.
func (w *world) taken(subnet string) int {
	n := 0
	for _, p := range w.ports {
		for _, s := range p.subnets {
			if s == subnet {
				n++
			}
		}
	}
	return n
}

// capacity of a /29: five addresses, for one of six is the gateway's.
const capacity = 5

// row is an object as the API shows it, as texts.
type row map[string]string

func (w *world) networkRows(c caller) []row {
	var out []row
	for _, n := range w.networks {
		if n.visible(c) {
			out = append(out, n.row(c))
		}
	}
	return out
}

// row: a network is shown as shared to whom it is shared with.
func (n *modelNetwork) row(c caller) row {
	return row{"id": n.id, "name": n.name, "project_id": n.project, "admin_state_up": truth(n.up), "shared": truth(n.shared(c.project))}
}

func (w *world) subnetRows(c caller) []row {
	var out []row
	for _, s := range w.subnets {
		if s.visible(c) {
			out = append(out, s.row())
		}
	}
	return out
}

func (s *modelSubnet) row() row {
	return row{"id": s.id, "name": s.name, "project_id": s.project, "cidr": s.cidr, "network_id": s.network.id}
}

func (w *world) portRows(c caller) []row {
	var out []row
	for _, p := range w.ports {
		if p.visible(c) {
			out = append(out, p.row())
		}
	}
	return out
}

func (p *modelPort) row() row {
	return row{"id": p.id, "name": p.name, "project_id": p.project, "device_id": p.device, "network_id": p.network.id}
}

func truth(b bool) string { return strconv.FormatBool(b) }
