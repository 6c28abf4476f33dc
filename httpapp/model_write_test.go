package httpapp_test

import (
	"fmt"
	"net/http"
	"slices"

	"pgregory.net/rapid"
)

type object = map[string]any

func (s *session) name() string {
	return rapid.SampledFrom([]string{"x", "y", "z", ""}).Draw(s.T, "name")
}
func (s *session) flip() bool   { return rapid.Bool().Draw(s.T, "flip") }
func (s *session) rarely() bool { return rapid.IntRange(0, 5).Draw(s.T, "rarely") == 0 }
func (a reply) id(key string) string {
	o, _ := a.body[key].(object)
	id, _ := o["id"].(string)
	return id
}

// absent is an id that nobody has.
const absent = "00000000-0000-4000-8000-000000000000"

// pick draws one of the objects there are, now and then none of them.
func pick[T any](s *session, of []*T) *T {
	if len(of) == 0 || rapid.IntRange(0, 19).Draw(s.T, "absent") == 0 {
		return nil
	}
	return rapid.SampledFrom(of).Draw(s.T, "object")
}

func (s *session) createNetwork() {
	c := s.caller()
	n := &modelNetwork{project: c.project, name: s.name(), up: s.flip()}
	in := object{"name": n.name, "admin_state_up": n.up}
	status := http.StatusCreated
	if !c.writes() {
		status = http.StatusForbidden
	}
	if s.rarely() {
		in["shared"] = true
		n.shares = []share{{target: everybody, owner: c.project}}
		if !c.admin() {
			status = http.StatusForbidden
		}
	}
	if a, ok := s.want(status, c, "POST", "/networks", object{"network": in}); ok {
		n.id = a.id("network")
		s.world.networks = append(s.world.networks, n)
	}
}

// refusal is the status for who may not change an object: it is not there for whom it is invisible to.
func refusal(visible, may bool, otherwise int) int {
	switch {
	case !visible:
		return http.StatusNotFound
	case !may:
		return http.StatusForbidden
	}
	return otherwise
}

func (c caller) owns(project string) bool { return c.writes() && (c.admin() || c.project == project) }

func (s *session) updateNetwork() {
	c, n := s.caller(), pick(s, s.world.networks)
	if n == nil {
		s.want(http.StatusNotFound, c, "PUT", "/networks/"+absent, object{"network": object{"name": "x"}})
		return
	}
	name, up := s.name(), s.flip()
	_, ok := s.want(refusal(n.visible(c), c.owns(n.project), http.StatusOK), c, "PUT", "/networks/"+n.id,
		object{"network": object{"name": name, "admin_state_up": up}})
	if ok {
		n.name, n.up = name, up
	}
}

func (s *session) deleteNetwork() {
	c, n := s.caller(), pick(s, s.world.networks)
	if n == nil {
		s.want(http.StatusNotFound, c, "DELETE", "/networks/"+absent, nil)
		return
	}
	status := http.StatusNoContent
	if len(s.world.portsOf(n)) > 0 {
		status = http.StatusConflict
	}
	if _, ok := s.want(refusal(n.visible(c), c.owns(n.project), status), c, "DELETE", "/networks/"+n.id, nil); ok {
		s.world.networks = slices.DeleteFunc(s.world.networks, func(x *modelNetwork) bool { return x == n })
		s.world.subnets = slices.DeleteFunc(s.world.subnets, func(x *modelSubnet) bool { return x.network == n })
	}
}

// shareNetwork adds an rbac entry for a project or for everybody.
func (s *session) shareNetwork() {
	c, n := s.caller(), pick(s, s.world.networks)
	target := rapid.SampledFrom([]string{everybody, s.callers[1].project, s.callers[2].project}).Draw(s.T, "target")
	if n == nil {
		return
	}
	status := http.StatusCreated
	switch twice := slices.ContainsFunc(n.shares, func(x share) bool { return x.target == target }); {
	case !c.writes(), target == everybody && !c.admin():
		status = http.StatusForbidden
	case !c.owns(n.project):
		status = http.StatusBadRequest // InvalidInput: only the owner may, even where the network is invisible
	case twice:
		status = http.StatusConflict
	}
	a, ok := s.want(status, c, "POST", "/rbac-policies", object{"rbac_policy": object{
		"object_type": "network", "object_id": n.id, "action": "access_as_shared", "target_tenant": target}})
	if ok {
		n.shares = append(n.shares, share{id: a.id("rbac_policy"), owner: c.project, target: target})
	}
}

func (s *session) unshareNetwork() {
	c, n := s.caller(), pick(s, s.world.networks)
	if n == nil || len(n.shares) == 0 {
		return
	}
	x := rapid.SampledFrom(n.shares).Draw(s.T, "share")
	if x.id == "" { // came with the network; only its list tells the id
		return
	}
	visible := c.admin() || x.owner == c.project
	status := http.StatusNoContent
	if s.world.strangers(n, x) {
		status = http.StatusConflict
	}
	if _, ok := s.want(refusal(visible, c.owns(x.owner), status), c, "DELETE", "/rbac-policies/"+x.id, nil); ok {
		n.shares = slices.DeleteFunc(n.shares, func(y share) bool { return y == x })
	}
}

func (s *session) createSubnet() {
	c, n := s.caller(), pick(s, s.world.networks)
	cidr := fmt.Sprintf("10.0.%d.0/29", rapid.IntRange(0, 2).Draw(s.T, "cidr"))
	sub := &modelSubnet{project: c.project, name: s.name(), cidr: cidr, network: n}
	in := object{"name": sub.name, "ip_version": 4, "cidr": cidr, "network_id": absent}
	if n == nil {
		s.want(http.StatusNotFound, c, "POST", "/subnets", object{"subnet": in})
		return
	}
	in["network_id"] = n.id
	overlaps := slices.ContainsFunc(s.world.subnetsOf(n), func(x *modelSubnet) bool { return x.cidr == cidr })
	status := http.StatusCreated
	switch {
	case !n.visible(c):
		status = http.StatusNotFound
	case !c.owns(n.project):
		status = http.StatusForbidden
	case overlaps:
		status = http.StatusBadRequest
	}
	if a, ok := s.want(status, c, "POST", "/subnets", object{"subnet": in}); ok {
		sub.id = a.id("subnet")
		s.world.subnets = append(s.world.subnets, sub)
	}
}

// owner reports whether a caller may change what belongs to project on a network: its project, and the network's.
func owner(c caller, project string, n *modelNetwork) bool {
	return c.owns(project) || c.owns(n.project)
}

func (s *session) updateSubnet() {
	c, sub := s.caller(), pick(s, s.world.subnets)
	if sub == nil {
		return
	}
	name := s.name()
	status := refusal(sub.visible(c), owner(c, sub.project, sub.network), http.StatusOK)
	if _, ok := s.want(status, c, "PUT", "/subnets/"+sub.id, object{"subnet": object{"name": name}}); ok {
		sub.name = name
	}
}

func (s *session) deleteSubnet() {
	c, sub := s.caller(), pick(s, s.world.subnets)
	if sub == nil {
		s.want(http.StatusNotFound, c, "DELETE", "/subnets/"+absent, nil)
		return
	}
	status := http.StatusNoContent
	if s.world.taken(sub.id) > 0 {
		status = http.StatusConflict
	}
	status = refusal(sub.visible(c), owner(c, sub.project, sub.network), status)
	if _, ok := s.want(status, c, "DELETE", "/subnets/"+sub.id, nil); ok {
		s.world.subnets = slices.DeleteFunc(s.world.subnets, func(x *modelSubnet) bool { return x == sub })
	}
}

func (s *session) createPort() {
	c, n := s.caller(), pick(s, s.world.networks)
	p := &modelPort{project: c.project, name: s.name(), device: rapid.SampledFrom([]string{"", "vm"}).Draw(s.T, "device"), network: n}
	in := object{"name": p.name, "device_id": p.device, "network_id": absent}
	status := http.StatusCreated
	switch {
	case n == nil || !n.visible(c):
		status = http.StatusNotFound
	case !c.writes():
		status = http.StatusForbidden
	case s.full(n):
		status = http.StatusConflict
	}
	if n != nil {
		in["network_id"] = n.id
	}
	a, ok := s.want(status, c, "POST", "/ports", object{"port": in})
	if !ok {
		return
	}
	p.id = a.id("port")
	port, _ := a.body["port"].(object)
	ips, _ := port["fixed_ips"].([]any)
	if want := min(len(s.world.subnetsOf(n)), 1); len(ips) != want {
		s.Fatalf("port %s has %d addresses, want %d", p.id, len(ips), want)
	}
	for _, ip := range ips {
		id, _ := ip.(object)["subnet_id"].(string)
		p.subnets = append(p.subnets, id)
	}
	s.world.ports = append(s.world.ports, p)
	for _, id := range p.subnets {
		if s.world.taken(id) > capacity {
			s.Fatalf("subnet %s has %d addresses taken", id, s.world.taken(id))
		}
	}
}

// full reports whether a network has subnets and none of them an address.
func (s *session) full(n *modelNetwork) bool {
	subnets := s.world.subnetsOf(n)
	return len(subnets) > 0 && !slices.ContainsFunc(subnets, func(x *modelSubnet) bool { return s.world.taken(x.id) < capacity })
}

func (s *session) updatePort() {
	c, p := s.caller(), pick(s, s.world.ports)
	if p == nil {
		return
	}
	name := s.name()
	status := refusal(p.visible(c), c.owns(p.project), http.StatusOK)
	if _, ok := s.want(status, c, "PUT", "/ports/"+p.id, object{"port": object{"name": name}}); ok {
		p.name = name
	}
}

func (s *session) deletePort() {
	c, p := s.caller(), pick(s, s.world.ports)
	if p == nil {
		s.want(http.StatusNotFound, c, "DELETE", "/ports/"+absent, nil)
		return
	}
	status := refusal(p.visible(c), owner(c, p.project, p.network), http.StatusNoContent)
	if _, ok := s.want(status, c, "DELETE", "/ports/"+p.id, nil); ok {
		s.world.ports = slices.DeleteFunc(s.world.ports, func(x *modelPort) bool { return x == p })
	}
}
