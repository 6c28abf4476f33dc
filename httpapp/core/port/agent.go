package port

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"time"

	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// ovsDriver is the mechanism driver that binds for Open vSwitch agents, the only one built here.
const ovsDriver = "openvswitch"

// ovsVNICs are the vNIC types it binds.
func ovsVNICs() []string { return []string{"normal", "direct", "smart-nic", "vdpa"} }

// agent is what binding needs of an Open vSwitch agent's report.
type agent struct {
	heartbeat time.Time
	config    agentConfig
}

type agentConfig struct {
	TunnelTypes       []string          `json:"tunnel_types"`
	BridgeMappings    map[string]string `json:"bridge_mappings"`
	DatapathType      string            `json:"datapath_type"`
	IntegrationBridge string            `json:"integration_bridge"`
	HybridPlug        *bool             `json:"ovs_hybrid_plug"`
	SmartNIC          bool              `json:"baremetal_smartnic"`
	SocketDir         string            `json:"vhostuser_socket_dir"`
	Capabilities      struct {
		IfaceTypes []string `json:"iface_types"`
	} `json:"ovs_capabilities"`
}

const selectAgent = `SELECT configurations, heartbeat_timestamp || '' FROM agents
	WHERE agent_type = 'Open vSwitch agent' AND host = ?`

// agentOf returns the host's Open vSwitch agent, if it ever reported.
func agentOf(tx *store.Tx, host string) (a agent, found bool, err error) {
	var text string
	err = tx.Get(selectAgent, []any{host}, &text, store.Time{To: &a.heartbeat})
	if store.IsNoRows(err) {
		return agent{}, false, nil
	}
	if err != nil {
		return agent{}, false, fmt.Errorf("find agent on host %s: %w", host, err)
	}
	// A report that cannot be read must not stop ports from being made: what is missing in it only keeps them from being
	// bound, as in Neutron.
	_ = json.Unmarshal([]byte(text), &a.config)
	return a, true, nil
}

// plugs reports whether the driver can plug such a vNIC there: direct ones only when the card does the switching.
func (a *agent) plugs(vnic string, profile map[string]any) bool {
	switch vnic {
	case "direct":
		capabilities, _ := profile["capabilities"].([]any)
		return slices.Contains(capabilities, any("switchdev"))
	case "smart-nic":
		return a.config.SmartNIC
	}
	return slices.Contains(ovsVNICs(), vnic)
}

// Segments of the network; when the port has addresses, only those that one of its subnets is on, where subnets without a
// segment are on all.
const selectSegments = `SELECT g.id, g.network_type, coalesce(g.physical_network, '') FROM networksegments g
	WHERE g.network_id = ? AND (NOT EXISTS (SELECT 1 FROM ipallocations WHERE port_id = ?) OR EXISTS
		(SELECT 1 FROM ipallocations i JOIN subnets n ON n.id = i.subnet_id
		WHERE i.port_id = ? AND (n.segment_id IS NULL OR n.segment_id = g.id)))
	ORDER BY g.segment_index, g.id`

// segment returns the first segment that the agent reaches, "" if there is none.
func (a *agent) segment(tx *store.Tx, w wish) (string, error) {
	var chosen string
	err := tx.Each(selectSegments, []any{w.network, w.port, w.port}, func(r *sql.Rows) error {
		var id, kind, physical string
		if err := r.Scan(&id, &kind, &physical); err != nil {
			return err
		}
		if chosen == "" && a.reaches(kind, physical) {
			chosen = id
		}
		return nil
	})
	return chosen, err
}

func (a *agent) reaches(kind, physical string) bool {
	switch kind {
	case "local":
		return true
	case "flat", "vlan":
		_, ok := a.config.BridgeMappings[physical]
		return ok
	}
	return slices.Contains(a.config.TunnelTypes, kind)
}

// Interface types by which Open vSwitch says that it can do vhost-user.
const (
	dpdkServer = "dpdkvhostuser"
	dpdkClient = "dpdkvhostuserclient"
)

func (a *agent) has(iface string) bool {
	return slices.Contains(a.config.Capabilities.IfaceTypes, iface)
}

func (a *agent) vifType(vnic string) string {
	if vnic != "direct" && a.config.DatapathType == "netdev" && (a.has(dpdkServer) || a.has(dpdkClient)) {
		return vifVhostUser
	}
	return vifOVS
}

// vifDetails is what Nova needs to plug the port.
func (a *agent) vifDetails(vif, portID string, filter bool) map[string]any {
	d := map[string]any{"datapath_type": "system"}
	if a.config.DatapathType != "" {
		d["datapath_type"] = a.config.DatapathType
	}
	if a.config.IntegrationBridge != "" {
		d["bridge_name"] = a.config.IntegrationBridge
	}
	if vif == vifVhostUser {
		a.vhostUser(d, portID)
		return d
	}
	d["port_filter"], d["connectivity"], d["ovs_hybrid_plug"] = filter, "l2", nil
	if a.config.HybridPlug != nil {
		d["ovs_hybrid_plug"] = *a.config.HybridPlug
	}
	return d
}

// vhostUser adds the socket's details. The mode is the virtual machine's side: server when Open vSwitch is the client.
func (a *agent) vhostUser(d map[string]any, portID string) {
	dir, mode := a.config.SocketDir, "client"
	if dir == "" {
		dir = "/var/run/openvswitch"
	}
	if a.has(dpdkClient) {
		mode = "server"
	}
	d["port_filter"], d["ovs_hybrid_plug"], d["vhostuser_ovs_plug"] = false, false, true
	d["vhostuser_mode"] = mode
	d["vhostuser_socket"] = path.Join(dir, ("vhu" + portID)[:14])
}
