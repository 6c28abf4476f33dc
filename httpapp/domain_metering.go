package httpapp

import (
	"errors"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/metering"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hasMetering reports whether service_plugins names the metering plugin.
func hasMetering(s *conf.Snapshot) bool {
	return hasPlugin(s, "metering", "neutron.services.metering.metering_plugin.MeteringPlugin")
}

// registerMetering serves metering labels and their rules where the configuration has them.
func registerMetering(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !hasMetering(s) {
		return nil
	}
	options := metering.Options{DB: o.DB, Repr: api.PyRepr, LabelHooks: &h.meteringLabels, RuleHooks: &h.meteringRules}
	err := errors.Join(
		api.RegisterUnder[neutron.MeteringLabel](e, "metering", "metering_label", "metering_labels",
			callbacks.Published[neutron.MeteringLabel]{Service: metering.NewLabels(options), Hooks: &h.meteringLabels}, metering.LabelView()),
		api.RegisterUnder[neutron.MeteringLabelRule](e, "metering", "metering_label_rule", "metering_label_rules",
			callbacks.Published[neutron.MeteringLabelRule]{Service: metering.NewRules(options), Hooks: &h.meteringRules}, metering.RuleView()),
	)
	if err != nil {
		return err
	}
	for _, segment := range []string{"metering-labels", "metering-label-rules"} {
		res := e.Lookup(segment)
		res.WholeLists, res.Emulated = true, true
	}
	return nil
}
