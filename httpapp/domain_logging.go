package httpapp

import (
	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/logging"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// hasLogging reports whether service_plugins names the log plugin.
func hasLogging(s *conf.Snapshot) bool {
	return hasPlugin(s, "log", "neutron.services.logapi.logging_plugin.LoggingPlugin")
}

// registerLogging serves the log API where the configuration has it.
func registerLogging(e *api.Engine, s *conf.Snapshot, o Options, h *hooks) error {
	if !hasLogging(s) {
		return nil
	}
	logs := logging.New(logging.Options{DB: o.DB, Now: o.Now, Hooks: &h.logs})
	h.ports.OnDelete(callbacks.Precommit, "logs", callbacks.PriorityDefault, logs.PortDeleted)
	h.securityGroups.OnDelete(callbacks.Precommit, "logs", callbacks.PriorityDefault, logs.GroupDeleted)
	if err := api.RegisterUnder[neutron.Log](e, "log", "log", "logs",
		callbacks.Published[neutron.Log]{Service: logs, Hooks: &h.logs}, logging.View()); err != nil {
		return err
	}
	if err := api.RegisterUnder[logging.Type](e, "log", "loggable_resource", "loggable_resources", logging.Types{}, logging.TypeView()); err != nil {
		return err
	}
	types := e.Lookup("loggable-resources")
	types.Unpaged, types.Strict, types.Always = true, true, []string{"type"}
	return nil
}
