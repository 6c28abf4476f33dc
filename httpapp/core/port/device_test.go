package port

import (
	"context"
	"errors"
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// TestInterfacesOfForeignRouters: whose router a port may name as its device, while it is the interface of one.
func TestInterfacesOfForeignRouters(t *testing.T) {
	t.Parallel()
	for _, routers := range []bool{true, false} {
		w := newWorld(t, func(o *Options) { o.Routers = routers })
		w.exec(`INSERT INTO standardattributes (id, resource_type, revision_number) VALUES (901, 'routers', 0), (902, 'routers', 0)`)
		w.exec(`INSERT INTO routers (id, project_id, name, enable_snat, standard_attr_id) VALUES ('own', ?, '', 1, 901), ('foreign', 'other', '', 1, 902)`, project)
		plain := w.create(obj{"fixed_ips": list{}})
		w.rc = &neutron.Context{ProjectID: project}
		for _, c := range []struct {
			owner, device string
			refused       bool
		}{
			{"network:router_interface", "own", !routers},
			{"network:router_interface", "foreign", true},
			{"network:router_interface_distributed", "foreign", true},
			{"network:ha_router_replicated_interface", "foreign", true},
			{"network:router_interface", "no router", !routers},
			{"network:router_interface", "", false},
			{"compute:nova", "foreign", false},
			{"", "foreign", false},
		} {
			set := obj{"device_owner": c.owner, "device_id": c.device, "fixed_ips": list{}}
			_, made := w.tryCreate(set)
			_, changed := w.put(plain.ID, obj{"device_owner": c.owner, "device_id": c.device})
			for _, err := range []error{made, changed} {
				var refusal *neutron.Error
				if refused := errors.As(err, &refusal) && refusal.Type == "DeviceIDNotOwnedByTenant"; refused != c.refused || err != nil && !refused {
					t.Errorf("routers %v, %q of %q: got %v, want it refused: %v", routers, c.owner, c.device, err, c.refused)
				}
			}
			if _, err := w.put(plain.ID, obj{"device_owner": "", "device_id": ""}); err != nil {
				t.Error(err)
			}
		}
		w.rc = &neutron.Context{Admin: true}
		if _, err := w.tryCreate(obj{"device_owner": "network:router_interface", "device_id": "foreign", "fixed_ips": list{}}); err != nil {
			t.Errorf("an administrator: %v", err)
		}
	}
}

// TestAHookThatPanicsLeavesThePort as it was, and the next request finds nothing locked.
func TestAHookThatPanicsLeavesThePort(t *testing.T) {
	t.Parallel()
	hooks := &callbacks.Hooks[neutron.Port]{}
	w := newWorld(t, func(o *Options) { o.Hooks = hooks })
	p := w.create(obj{})
	boom := true
	hook := func(context.Context, *callbacks.Event[neutron.Port]) error {
		if boom {
			panic("boom")
		}
		return nil
	}
	hooks.On(callbacks.Precommit, callbacks.Update, "test", callbacks.PriorityDefault, hook)
	hooks.On(callbacks.Precommit, callbacks.Delete, "test", callbacks.PriorityDefault, hook)
	panics := func(what string, do func()) {
		defer func() {
			if recover() == nil {
				t.Errorf("%s: the panic went nowhere", what)
			}
		}()
		do()
	}
	panics("update", func() { _, _ = w.put(p.ID, obj{"name": "new", "fixed_ips": list{}}) })
	panics("delete", func() { _ = w.s.Delete(t.Context(), w.rc, p.ID) })
	same(t, "what is left", w.get(p.ID), p)
	boom = false
	if _, err := w.put(p.ID, obj{"name": "new"}); err != nil {
		t.Error(err)
	}
	if err := w.s.Delete(t.Context(), w.rc, p.ID); err != nil {
		t.Error(err)
	}
	if n := w.count("ipallocations"); n != 0 {
		t.Errorf("%d addresses left", n)
	}
}
