package httpapp_test

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"github.com/seed-a8f20362/hadron/httpapp/agents"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// fakeAgents reports the ten agents that stood beside the recorded server: two hosts with one of each kind.
func fakeAgents(t testing.TB, db *store.DB) {
	t.Helper()
	s, err := agents.New(agents.Options{DB: func() *store.DB { return db }, DownTime: func() time.Duration { return time.Hour },
		NewID: agentIDs(), Log: zerolog.Nop()})
	if err != nil {
		t.Fatal(err)
	}
	nova := "nova"
	for _, host := range []string{"ref-host-2", "ref-host-1"} { // lists are in the order of ids, which was this one
		ip := "192.0.2." + host[len(host)-1:]
		for _, r := range []agents.Report{
			{AgentType: "Open vSwitch agent", Binary: "neutron-openvswitch-agent", Topic: "N/A", Configurations: ovsConfiguration(ip)},
			{AgentType: "DHCP agent", Binary: "neutron-dhcp-agent", Topic: "dhcp_agent", AvailabilityZone: &nova,
				Configurations: json.RawMessage(`{"dhcp_driver": "neutron.agent.linux.dhcp.Dnsmasq", "dhcp_lease_duration": 86400,
					"networks": 0, "subnets": 0, "ports": 0, "log_agent_heartbeats": false}`)},
			{AgentType: "L3 agent", Binary: "neutron-l3-agent", Topic: "l3_agent", AvailabilityZone: &nova,
				Configurations: json.RawMessage(`{"agent_mode": "dvr_snat", "handle_internal_only_routers": true,
					"interface_driver": "openvswitch", "routers": 0, "ex_gw_ports": 0, "interfaces": 0, "floating_ips": 0,
					"extensions": ["port_forwarding", "conntrack_helper", "ndp_proxy", "fip_qos", "gateway_ip_qos"],
					"log_agent_heartbeats": false}`)},
			{AgentType: "Metadata agent", Binary: "neutron-metadata-agent", Topic: "N/A",
				Configurations: json.RawMessage(`{"metadata_proxy_socket": "/var/lib/neutron/metadata_proxy",
					"nova_metadata_host": "127.0.0.1", "nova_metadata_port": 8775, "log_agent_heartbeats": false}`)},
			{AgentType: "Metering agent", Binary: "neutron-metering-agent", Topic: "metering_agent",
				Configurations: json.RawMessage(`{"metering_driver": "noop", "measure_interval": 30, "report_interval": 300}`)},
		} {
			r.Host, r.StartFlag = host, true
			if _, err := s.Report(context.Background(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// agentIDs returns ids one behind the other.
func agentIDs() func() string {
	n := 0
	return func() string { n++; return fmt.Sprintf("00000000-0000-4000-8000-%012d", n) }
}

func ovsConfiguration(ip string) json.RawMessage {
	return json.RawMessage(`{"bridge_mappings": {"physnet1": "br-ex", "physnet2": "br-2"}, "datapath_type": "system",
		"integration_bridge": "br-int", "tunnel_types": ["vxlan", "gre", "geneve"], "tunneling_ip": "` + ip + `",
		"l2_population": true, "arp_responder_enabled": true, "enable_distributed_routing": true,
		"extensions": ["qos", "log", "local_ip"], "ovs_capabilities": {"datapath_types": ["netdev", "system"],
		"iface_types": ["vxlan", "gre", "geneve", "internal"]}, "ovs_hybrid_plug": false, "in_distributed_mode": true,
		"vhostuser_socket_dir": "/var/run/openvswitch", "devices": 0, "log_agent_heartbeats": false}`)
}
