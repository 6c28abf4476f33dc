package qos_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/qos"
)

// A policy is there for its project and for whom it is shared with. Nobody else reads it, its rules, or binds it.
func TestAPolicyIsThereForWhomItIsShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", neutron.Attrs{"is_default": true})
	rule := w.mustRule(qos.BandwidthLimit, id, neutron.Attrs{"max_kbps": int64(5), "max_burst_kbps": int64(0), "direction": "egress"})
	net := w.mustNetwork("q", "")
	uses := map[string]func(rc *neutron.Context) error{
		"read": func(rc *neutron.Context) error { _, err := w.policies.Get(ctx, rc, id, neutron.Fields{}); return err },
		"rules": func(rc *neutron.Context) error {
			_, err := w.rules(qos.BandwidthLimit, id).List(ctx, rc, &neutron.Query{})
			return err
		},
		"rule": func(rc *neutron.Context) error {
			_, err := w.rules(qos.BandwidthLimit, id).Get(ctx, rc, rule, neutron.Fields{})
			return err
		},
		"alias": func(rc *neutron.Context) error {
			_, err := w.rules(qos.BandwidthLimit, "").Get(ctx, rc, rule, neutron.Fields{})
			return err
		},
		"network": func(rc *neutron.Context) error { _, err := w.network(rc, rc.ProjectID, id, nil); return err },
		"bound network": func(rc *neutron.Context) error {
			_, err := w.networks.Update(ctx, rc, net, neutron.Attrs{"qos_policy_id": id})
			return err
		},
		"port": func(rc *neutron.Context) error {
			_, err := w.port(rc, "q", net, neutron.Attrs{"qos_policy_id": id})
			return err
		},
	}
	for what, use := range uses {
		if err := use(of("q")); neutron.KindOf(err) != neutron.NotFound {
			t.Errorf("%s of a foreign policy: got %v, want not found", what, err)
		}
	}
	_, err := w.policies.Update(ctx, of("p"), id, neutron.Attrs{"shared": true})
	check(t, err)
	for what, use := range uses {
		if err := use(of("q")); err != nil {
			t.Errorf("%s of a shared policy: %v", what, err)
		}
	}
	if p := w.get(of("q"), id); !p.Shared || p.Default || len(p.Rules) != 1 {
		t.Errorf("another project sees %+v, want it shared, with a rule, and not whether it is the default", p)
	}
	if p := w.get(of("p"), id); !p.Default {
		t.Error("its own project does not see that it is the default")
	}
}

// What somebody above him has bound, a project can neither take off nor replace, but use on.
func TestWhoDoesNotSeeAPolicyDoesNotTakeItOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id, own := w.policy("p", nil), w.policy("q", nil)
	net := w.mustNetwork("q", id)
	port := w.mustPort("q", net, neutron.Attrs{"qos_policy_id": id})
	for _, next := range []any{nil, own, id} {
		_, err := w.networks.Update(ctx, of("q"), net, neutron.Attrs{"qos_policy_id": next})
		refused(t, err, neutron.Forbidden, "PolicyRemoveAuthorizationError", "Failed to remove provided policy "+id)
		_, err = w.ports.Update(ctx, of("q"), port, neutron.Attrs{"qos_policy_id": next})
		refused(t, err, neutron.Forbidden, "PolicyRemoveAuthorizationError", id)
	}
	_, err := w.ports.Update(ctx, of("q"), port, neutron.Attrs{"name": "x"})
	check(t, err)
	if _, err := w.port(of("q"), "q", net, nil); err != nil {
		t.Errorf("a port on a network with a foreign policy: %v", err)
	}
}

func TestAPolicyInUseStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", neutron.Attrs{"is_default": true, "shared": true})
	w.mustRule(qos.DSCPMarking, id, neutron.Attrs{"dscp_mark": int64(8)})
	net := w.mustNetwork("p", id)
	inUse := func(text string) {
		t.Helper()
		refused(t, w.policies.Delete(ctx, admin, id), neutron.Conflict, "QosPolicyInUse", fmt.Sprintf("QoS Policy %s is used by %s.", id, text))
	}
	inUse("network " + net)
	port := w.mustPort("p", net, neutron.Attrs{"qos_policy_id": id})
	inUse("port " + port)
	check(t, w.ports.Delete(ctx, admin, port))
	check(t, w.networks.Delete(ctx, admin, net))
	w.exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (901, 'routers', 0), (902, 'floatingips', 0)`)
	w.exec(`INSERT INTO routers (id, project_id, enable_snat, standard_attr_id) VALUES ('r', 'p', 1, 901)`)
	w.exec(`INSERT INTO qos_router_gw_policy_bindings (policy_id, router_id) VALUES (?, 'r')`, id)
	inUse("router r")
	w.exec(`INSERT INTO floatingips (id, project_id, floating_ip_address, floating_network_id, floating_port_id, standard_attr_id)
		VALUES ('f', 'p', '10.0.0.1', 'n', ?, 902)`, w.mustPort("q", w.mustNetwork("q", ""), nil))
	w.exec(`INSERT INTO qos_fip_policy_bindings (policy_id, fip_id) VALUES (?, 'f')`, id)
	inUse("fip f") // which comes ahead of the router
	w.exec(`DELETE FROM floatingips`)
	w.exec(`DELETE FROM routers`)
	check(t, w.policies.Delete(ctx, admin, id))
	refused(t, w.policies.Delete(ctx, admin, id), neutron.NotFound, "QosPolicyNotFound", id)
	if next := w.get(admin, w.policy("p", neutron.Attrs{"is_default": true})); !next.Default {
		t.Error("a deleted default policy keeps its place")
	}
}

// However many ask for it at the same time, a project has one default policy, which its new networks are bound to.
func TestAProjectHasOneDefault(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	const clients = 8
	errs := make([]error, clients)
	var all sync.WaitGroup
	for i := range clients {
		id := ""
		if i%2 == 0 {
			id = w.policy("p", nil)
		}
		all.Add(1)
		go func() {
			defer all.Done()
			if id == "" {
				_, errs[i] = w.policies.Create(ctx, admin, []neutron.Attrs{{"project_id": "p", "name": "q", "is_default": true}})
				return
			}
			_, errs[i] = w.policies.Update(ctx, of("p"), id, neutron.Attrs{"is_default": true})
		}()
	}
	all.Wait()
	won := 0
	for _, err := range errs {
		if err == nil {
			won++
			continue
		}
		refused(t, err, neutron.Conflict, "QoSPolicyDefaultAlreadyExists", "A default QoS policy exists for project p.")
	}
	list, err := w.policies.List(ctx, admin, &neutron.Query{})
	check(t, err)
	id := ""
	for _, p := range list {
		if p.Default {
			id = p.ID
		}
	}
	if won != 1 || id == "" || len(list) > clients/2+1 {
		t.Fatalf("got %d winners, default %q and %d policies", won, id, len(list))
	}
	for project, want := range map[string]string{"p": id, "q": ""} {
		n, err := w.networks.Get(ctx, admin, w.mustNetwork(project, ""), neutron.Fields{})
		if check(t, err); n.QoSPolicyID != want {
			t.Errorf("a network of %s has policy %q, want %q", project, n.QoSPolicyID, want)
		}
	}
}

// Revisions as observed on 2026.1: the name, the description and being the default count together once, sharing does not.
func TestRevisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", nil)
	rule := ""
	for i, step := range []struct {
		do   func() error
		want int64
	}{
		{func() error { return nil }, 0},
		{func() error {
			_, err := w.policies.Update(ctx, admin, id, neutron.Attrs{"name": "q", "description": ""})
			return err
		}, 0},
		{func() error {
			_, err := w.policies.Update(ctx, admin, id, neutron.Attrs{"name": "x", "description": "d", "is_default": true})
			return err
		}, 1},
		{func() error {
			_, err := w.policies.Update(ctx, admin, id, neutron.Attrs{"shared": true, "is_default": true})
			return err
		}, 1},
		{func() error {
			rule = w.mustRule(qos.PacketRateLimit, id, neutron.Attrs{"max_kpps": int64(5), "max_burst_kpps": int64(0), "direction": "egress"})
			return nil
		}, 2},
		{func() error {
			_, err := w.rules(qos.PacketRateLimit, id).Update(ctx, admin, rule, neutron.Attrs{"max_kpps": int64(5)})
			return err
		}, 2},
		{func() error {
			_, err := w.rules(qos.PacketRateLimit, "").Update(ctx, admin, rule, neutron.Attrs{"max_burst_kpps": int64(6)})
			return err
		}, 3},
		{func() error { return w.rules(qos.PacketRateLimit, id).Delete(ctx, admin, rule) }, 4},
	} {
		check(t, step.do())
		if got := w.get(admin, id).Revision; got != step.want {
			t.Errorf("step %d: got revision %d, want %d", i, got, step.want)
		}
	}
}

func TestSharingIsNotTakenFromWhoNeedsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", neutron.Attrs{"shared": true})
	for _, project := range []string{"q", "p"} { // its own project, too (observed on 2026.1)
		net := w.mustNetwork(project, id)
		_, err := w.policies.Update(ctx, of("p"), id, neutron.Attrs{"shared": false})
		refused(t, err, neutron.Conflict, "RbacPolicyInUse", "because other objects depend on it.\nDetails: project_id=*")
		check(t, w.networks.Delete(ctx, admin, net))
	}
	w.exec(`INSERT INTO qospolicyrbacs (id, project_id, object_id, target_project, action) VALUES ('e', 'p', ?, 'q', 'access_as_shared')`, id)
	w.mustNetwork("q", id)
	p, err := w.policies.Update(ctx, of("p"), id, neutron.Attrs{"shared": false})
	if check(t, err); p.Shared || !w.get(of("q"), id).Shared {
		t.Error("taking the wildcard back must leave the entry of one project")
	}
}

// The rules of a list of policies are read together, and only when somebody wants them.
func TestListsReadRulesTogether(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const policies = 20
	for range policies {
		id := w.policy("p", nil)
		w.mustRule(qos.DSCPMarking, id, neutron.Attrs{"dscp_mark": int64(8)})
		w.mustRule(qos.BandwidthLimit, id, neutron.Attrs{"max_kbps": int64(9), "max_burst_kbps": int64(1), "direction": "egress"})
		w.mustRule(qos.BandwidthLimit, id, neutron.Attrs{"max_kbps": int64(9), "max_burst_kbps": int64(2), "direction": "ingress"})
	}
	before := w.statements.Load()
	list, err := w.policies.List(t.Context(), admin, &neutron.Query{})
	check(t, err)
	if n := w.statements.Load() - before; n > 2 || len(list) != policies {
		t.Errorf("got %d policies with %d statements, want %d with two", len(list), n, policies)
	}
	for _, p := range list {
		got := ""
		for _, r := range p.Rules {
			got += fmt.Sprintf("%s %s %d %d, ", r.Type, r.Direction, r.Value, r.Burst)
		}
		if want := "bandwidth_limit egress 9 1, bandwidth_limit ingress 9 2, dscp_marking  8 0, "; got != want {
			t.Errorf("got rules %q, want %q", got, want)
		}
	}
	before = w.statements.Load()
	list, err = w.policies.List(t.Context(), admin, &neutron.Query{Fields: neutron.Fields{Names: []string{"name"}}})
	check(t, err)
	if n := w.statements.Load() - before; n != 1 || list[0].Rules != nil {
		t.Errorf("names alone took %d statements", n)
	}
}

func TestHooksHaveTheirSay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ctx := t.Context()
	id := w.policy("p", nil)
	no := errors.New("no")
	for _, o := range []callbacks.Operation{callbacks.Create, callbacks.Update, callbacks.Delete} {
		w.hooks.On(callbacks.Precommit, o, "test", callbacks.PriorityDefault,
			func(_ context.Context, e *callbacks.Event[neutron.QoSPolicy]) error {
				if e.Tx == nil || e.ID == "" || (e.New == nil) != (e.Operation == callbacks.Delete) {
					t.Errorf("%s: got %+v", e.Operation, e)
				}
				return no
			})
	}
	_, err := w.policies.Create(ctx, admin, []neutron.Attrs{{"project_id": "p", "name": "other"}})
	_, changed := w.policies.Update(ctx, admin, id, neutron.Attrs{"name": "other"})
	for what, err := range map[string]error{"create": err, "update": changed, "delete": w.policies.Delete(ctx, admin, id)} {
		if !errors.Is(err, no) {
			t.Errorf("%s: got %v, want what the hook says", what, err)
		}
	}
	list, err := w.policies.List(ctx, admin, &neutron.Query{})
	if check(t, err); len(list) != 1 || list[0].Name != "q" {
		t.Errorf("refused changes left %+v", list)
	}
}
