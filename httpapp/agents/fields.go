package agents

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// fields are the columns that are made of a report's JSON.
type fields struct {
	configurations string // "" for none
	versions       any    // a text, or nil for none
	load           int
	logged         bool // log_agent_heartbeats
}

// agent is one that reports for the first time, ahead of its row.
func (f *fields) agent(r Report, up bool) *Agent {
	versions, _ := f.versions.(string)
	return &Agent{AgentType: r.AgentType, Binary: r.Binary, Topic: r.Topic, Host: r.Host, AdminStateUp: up, Alive: true,
		AvailabilityZone: r.AvailabilityZone, Configurations: objectOrEmpty(f.configurations), ResourceVersions: objectOrEmpty(versions)}
}

func (s *Service) fields(r Report) (fields, error) {
	configurations, err := object("configurations", r.Configurations)
	if err != nil {
		return fields{}, err
	}
	versions, err := object("resource_versions", r.ResourceVersions)
	if err != nil {
		return fields{}, err
	}
	f := fields{configurations: pythonJSON(configurations), logged: truthy(configurations["log_agent_heartbeats"])}
	if text := pythonJSON(versions); text != "" {
		f.versions = text
	}
	if r.AgentType == TypeDHCP {
		f.load, err = load(configurations, s.o.LoadType())
	}
	return f, err
}

// object decodes an object, one level deep. Nothing and null are empty ones.
func object(name string, raw json.RawMessage) (map[string]json.RawMessage, error) {
	if len(raw) == 0 {
		return nil, nil
	}
	var o map[string]json.RawMessage
	if json.Unmarshal(raw, &o) != nil {
		return nil, neutron.InvalidInput("%s of an agent's report is not an object: %.80s", name, raw)
	}
	return o, nil
}

// load is the count of the given name: a number, or a text that is one.
func load(configurations map[string]json.RawMessage, name string) (int, error) {
	raw, ok := configurations[name]
	if !ok {
		return 0, nil
	}
	text := strings.Trim(string(raw), `" `)
	if n, err := strconv.Atoi(text); err == nil {
		return n, nil
	}
	if n, err := strconv.ParseFloat(string(raw), 64); err == nil {
		return int(n), nil
	}
	return 0, neutron.InvalidInput("the load %s of a DHCP agent's report is not a number: %s", name, raw)
}

// truthy is Python's idea of a value that holds.
func truthy(raw json.RawMessage) bool {
	switch string(bytes.TrimSpace(raw)) {
	case "", "null", "false", "0", "0.0", `""`, "[]", "{}":
		return false
	}
	return true
}
