package httpapp

import (
	"context"
	"errors"
	"net/http"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/trunk"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// hasTrunks reports whether service_plugins names the trunk plugin.
func hasTrunks(s *conf.Snapshot) bool {
	return hasPlugin(s, "trunk", "neutron.services.trunk.plugin.TrunkPlugin")
}

// portView is every attribute of a port, those of plugins included.
func portView(s *conf.Snapshot) wire.View[neutron.Port] {
	v := port.View()
	if hasTrunks(s) {
		v = append(v, trunk.PortField())
	}
	return v
}

// registerTrunks serves trunks where the configuration has them.
func registerTrunks(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !hasTrunks(s) {
		return nil
	}
	trunks, err := trunk.New(trunk.Options{DB: o.DB, Now: o.Now, CheckSubPorts: api.CheckSubPorts, Spell: api.PyStr,
		Hooks: &h.trunks, SubPortHooks: &h.subports})
	if err != nil {
		return err
	}
	h.ports.OnDelete(callbacks.Precommit, "trunks", callbacks.PriorityDefault, trunks.PortDeleted)
	h.ports.On(callbacks.Precommit, callbacks.Update, "trunks", callbacks.PriorityDefault,
		func(_ context.Context, e *callbacks.Event[neutron.Port]) error {
			return trunks.PortUpdated(e.Tx, e.Context, e.Old, e.New)
		})
	err = errors.Join(
		api.RegisterIn[neutron.Trunk](e, api.Extension, "trunk", "trunks",
			callbacks.Published[neutron.Trunk]{Service: trunks, Hooks: &h.trunks}, trunk.View()),
		api.AddAction(e, "trunks", api.Action{Name: "add_subports", Method: http.MethodPut, Asks: "sub_ports", Do: trunks.AddSubPorts}),
		api.AddAction(e, "trunks", api.Action{Name: "remove_subports", Method: http.MethodPut, Asks: "sub_ports", Do: trunks.RemoveSubPorts}),
		api.AddAction(e, "trunks", api.Action{Name: "get_subports", Method: http.MethodGet, Do: trunks.SubPorts}),
	)
	if err == nil {
		e.Lookup("trunks").NoBulk = true
	}
	return err
}
