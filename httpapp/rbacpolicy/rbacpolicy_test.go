package rbacpolicy_test

import (
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

const (
	shared   = "access_as_shared"
	external = "access_as_external"
)

// retarget gives an entry another target.
func (w *world) retarget(rc *neutron.Context, id, target string) error {
	_, err := w.entries.Update(w.t.Context(), rc, id, neutron.Attrs{"target_tenant": target})
	return err
}

func TestOnlyOwnersAndAdministratorsShare(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for kind, id := range map[string]string{"network": w.network("p"), "security_group": w.group("p"), "address_scope": w.scope("p"),
		"subnetpool": w.pool("p", ""), "address_group": w.set("p"), "qos_policy": w.policy("p")} {
		_, err := w.share(of("q"), kind, id, shared, "r")
		refused(t, err, neutron.BadRequest, "InvalidInput", "could not be found")
		_, err = w.share(of("p"), kind, id, shared, "q")
		check(t, err)
		_, err = w.share(of("p"), kind, id, shared, "q")
		refused(t, err, neutron.Conflict, "DuplicateRbacPolicy", "already exists")
		_, err = w.share(of("q"), kind, id, shared, "r")
		refused(t, err, neutron.BadRequest, "InvalidInput", "Only admins can manipulate policies on ")
		_, err = w.share(admin, kind, id, shared, "*")
		check(t, err)
		_, err = w.share(admin, kind, "nowhere", shared, "*")
		refused(t, err, neutron.BadRequest, "InvalidInput", "nowhere could not be found")
		_, err = w.share(admin, kind, id, "bogus", "*")
		refused(t, err, neutron.BadRequest, "InvalidActionForType", "Invalid action 'bogus' for object type '"+kind+"'")
	}
}

// An entry that one project has made for an object of another is its own, and may be taken back, not bent.
func TestAForeignEntryIsNotBent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.network("p")
	out, err := w.entries.Create(t.Context(), admin, list(neutron.Attrs{"project_id": "q", "object_type": "network", "object_id": id,
		"action": shared, "target_tenant": "q"}))
	check(t, err)
	refused(t, w.retarget(of("q"), out[0].ID, "*"), neutron.Conflict, "RbacPolicyInUse", "Only admins can manipulate policies on networks")
	check(t, w.entries.Delete(t.Context(), of("q"), out[0].ID))
	refused(t, w.entries.Delete(t.Context(), of("q"), out[0].ID), neutron.NotFound, "RbacPolicyNotFound", out[0].ID)
}

func TestWhatAProjectNeedsIsNotTakenAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	net, group, scope, pool, set, policy := w.network("p"), w.group("p"), w.scope("p"), w.pool("p", ""), w.set("p"), w.policy("p")
	uses := map[string]struct {
		id  string
		use func(project string)
	}{
		"network":        {net, func(project string) { w.port(project, net) }},
		"security_group": {group, func(project string) { w.port(project, w.network(project), group) }},
		"address_scope":  {scope, func(project string) { w.pool(project, scope) }},
		"subnetpool": {pool, func(project string) {
			w.exec(`UPDATE subnets SET subnetpool_id = ? WHERE id = ?`, pool, w.subnet(project, w.network(project)))
		}},
		"address_group": {set, func(project string) {
			_, err := w.rule(project, w.group(project), neutron.Attrs{"remote_address_group_id": set})
			check(t, err)
		}},
		"qos_policy": {policy, func(project string) {
			_, err := w.networks.Update(t.Context(), admin, w.network(project), neutron.Attrs{"qos_policy_id": policy})
			check(t, err)
		}},
	}
	for kind, u := range uses {
		single, wild := w.mustShare(kind, u.id, shared, "q"), w.mustShare(kind, u.id, shared, "*")
		u.use("q")
		check(t, w.entries.Delete(t.Context(), admin, wild)) // q has an entry of its own
		refused(t, w.entries.Delete(t.Context(), admin, single), neutron.Conflict, "RbacPolicyInUse", u.id+" cannot be removed because other objects depend on it.")
		refused(t, w.retarget(admin, single, "r"), neutron.Conflict, "RbacPolicyInUse", u.id)
		check(t, w.retarget(admin, single, "q"))
		wild = w.mustShare(kind, u.id, shared, "*")
		check(t, w.retarget(admin, single, "r")) // the wildcard lets q in
		refused(t, w.entries.Delete(t.Context(), admin, wild), neutron.Conflict, "RbacPolicyInUse", u.id)
		check(t, w.retarget(admin, single, "q"))
		check(t, w.entries.Delete(t.Context(), admin, wild))
	}
}

// A network's owner needs no entry for it; of other objects Neutron counts the owner among those who need the wildcard.
func TestTheOwnerAndTheWildcard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	net, group := w.network("p"), w.group("p")
	w.port("p", net, group)
	check(t, w.entries.Delete(t.Context(), admin, w.mustShare("network", net, shared, "*")))
	check(t, w.entries.Delete(t.Context(), admin, w.mustShare("security_group", group, shared, "p")))
	wild := w.mustShare("security_group", group, shared, "*")
	refused(t, w.entries.Delete(t.Context(), admin, wild), neutron.Conflict, "RbacPolicyInUse", "project_id=*")
}

func TestAPoolIsSharedWithWhomItsScopeIs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	scope := w.scope("p")
	pool := w.pool("p", scope)
	_, err := w.share(admin, "subnetpool", pool, shared, "q")
	refused(t, err, neutron.BadRequest, "InvalidInput", "target project doesn't have access to associated address scope")
	w.mustShare("address_scope", scope, shared, "q")
	w.mustShare("subnetpool", pool, shared, "q")
	_, err = w.share(admin, "subnetpool", pool, shared, "*")
	refused(t, err, neutron.BadRequest, "InvalidInput", "associated address scope")
}

func (w *world) net(id string) neutron.Network {
	w.t.Helper()
	n, err := w.networks.Get(w.t.Context(), admin, id, neutron.Fields{})
	check(w.t, err)
	return n
}

// Revisions as observed on 2026.1: one for an entry, one for the mark.
func TestExternalEntriesMakeANetworkExternal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.network("p")
	var entries []string
	for _, step := range []struct {
		do       func()
		external bool
		revision int64
	}{
		{func() { entries = append(entries, w.mustShare("network", id, external, "q")) }, true, 3},
		{func() { entries = append(entries, w.mustShare("network", id, external, "r")) }, true, 4},
		{func() { check(t, w.retarget(admin, entries[1], "r")) }, true, 4},
		{func() { check(t, w.entries.Delete(t.Context(), admin, entries[1])) }, true, 5},
		{func() { check(t, w.entries.Delete(t.Context(), admin, entries[0])) }, false, 7},
		{func() { w.mustShare("network", id, shared, "q") }, false, 8},
	} {
		step.do()
		if n := w.net(id); n.External != step.external || n.Revision != step.revision {
			t.Errorf("got external %v, revision %d, want %v, %d", n.External, n.Revision, step.external, step.revision)
		}
	}
	if n, err := w.networks.Get(t.Context(), of("q"), id, neutron.Fields{}); err != nil || !n.Shared {
		t.Errorf("the target sees shared %v, %v", n.Shared, err)
	}
	if n, err := w.networks.Get(t.Context(), of("p"), id, neutron.Fields{}); err != nil || n.Shared {
		t.Errorf("the owner sees shared %v, %v", n.Shared, err)
	}
}

func TestRoutersKeepTheirExternalNetwork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.network("p")
	single, wild := w.mustShare("network", id, external, "q"), w.mustShare("network", id, external, "*")
	w.router("q", id)
	check(t, w.retarget(admin, single, "r"))
	refused(t, w.entries.Delete(t.Context(), admin, wild), neutron.Conflict, "RbacPolicyInUse", "There are routers attached to this network")
	check(t, w.retarget(admin, single, "q"))
	w.exec(`UPDATE externalnetworks SET is_default = 1 WHERE network_id = ?`, id)
	refused(t, w.entries.Delete(t.Context(), admin, wild), neutron.Conflict, "RbacPolicyInUse", "Default external networks must be shared to everyone.")
	w.exec(`UPDATE externalnetworks SET is_default = 0 WHERE network_id = ?`, id)
	check(t, w.entries.Delete(t.Context(), admin, wild))
	refused(t, w.entries.Delete(t.Context(), admin, single), neutron.Conflict, "RbacPolicyInUse", "There are routers")
	refused(t, w.retarget(admin, single, "*x"), neutron.Conflict, "RbacPolicyInUse", "There are routers")
}

func TestARetargetedEntryIsStillUnique(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := w.network("p")
	w.mustShare("network", id, shared, "q")
	refused(t, w.retarget(admin, w.mustShare("network", id, shared, "r"), "q"), neutron.Conflict, "DuplicateRbacPolicy", "already exists")
}

// A foreign subnet is not there, one that is seen is only not on the network.
func TestForeignSubnetsAreNotThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, q := t.Context(), of("q")
	mine, foreign, seen := w.network("q"), w.subnet("p", w.network("p")), w.subnet("q", w.network("q"))
	id := w.port("q", mine)
	w.subnet("q", mine)
	for _, c := range []struct {
		rc           *neutron.Context
		subnet       string
		kind         neutron.Kind
		typ, message string
	}{
		{q, foreign, neutron.NotFound, "SubnetNotFound", foreign},
		{q, "nowhere", neutron.NotFound, "SubnetNotFound", "nowhere"},
		{q, seen, neutron.BadRequest, "InvalidInput", "fixed_ips included invalid subnet " + seen},
		{admin, foreign, neutron.BadRequest, "InvalidInput", "fixed_ips included invalid subnet " + foreign},
	} {
		ips := []any{map[string]any{"subnet_id": c.subnet}}
		_, err := w.ports.Create(ctx, c.rc, list(neutron.Attrs{"project_id": "q", "network_id": mine, "binding:vnic_type": "normal", "fixed_ips": ips}))
		refused(t, err, c.kind, c.typ, c.message)
		_, err = w.ports.Update(ctx, c.rc, id, neutron.Attrs{"fixed_ips": ips})
		refused(t, err, c.kind, c.typ, c.message)
	}
	given := w.subnet("p", mine) // of another project, on a network of q's
	_, err := w.ports.Update(ctx, q, id, neutron.Attrs{"fixed_ips": []any{map[string]any{"subnet_id": given}}})
	check(t, err)
}

// What a request names it must see.
func TestForeignObjectsAreNotNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx, q := t.Context(), of("q")
	net, group, scope, set := w.network("p"), w.group("p"), w.scope("p"), w.set("p")
	own, mine := w.network("q"), w.group("q")
	attempts := func() []error {
		_, onNetwork := w.ports.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "network_id": net, "binding:vnic_type": "normal", "fixed_ips": []any{}}))
		_, inNetwork := w.subnets.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "network_id": net, "cidr": "10.9.0.0/24", "ip_version": int64(4)}))
		_, inGroup := w.ports.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "network_id": own, "binding:vnic_type": "normal",
			"fixed_ips": []any{}, "security_groups": []any{group}}))
		_, inScope := w.pools.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "prefixes": []any{"10.8.0.0/24"}, "address_scope_id": scope}))
		_, remote := w.rules.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "security_group_id": mine, "direction": "ingress",
			"ethertype": "IPv4", "remote_address_group_id": set}))
		_, ofGroup := w.rules.Create(ctx, q, list(neutron.Attrs{"project_id": "q", "security_group_id": group, "direction": "ingress", "ethertype": "IPv4"}))
		return []error{onNetwork, inNetwork, inGroup, inScope, remote, ofGroup}
	}
	want := []string{"NetworkNotFound", "NetworkNotFound", "SecurityGroupNotFound", "AddressScopeNotFound", "AddressGroupNotFound", "SecurityGroupNotFound"}
	for i, err := range attempts() {
		refused(t, err, neutron.NotFound, want[i], "")
	}
	for kind, id := range map[string]string{"network": net, "security_group": group, "address_scope": scope, "address_group": set} {
		w.mustShare(kind, id, shared, "q")
	}
	for i, err := range attempts() {
		if err != nil {
			t.Errorf("with an entry, in place of %s: %v", want[i], err)
		}
	}
}
