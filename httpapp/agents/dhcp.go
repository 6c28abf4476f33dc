package agents

import (
	"context"
	"database/sql"
	"strings"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Networks is what hosting needs of the networks' domain.
type Networks interface {
	// Exists returns the 404 of a network that the caller cannot see.
	Exists(ctx context.Context, rc *neutron.Context, id string) error
	// List answers with the networks q asks for.
	List(ctx context.Context, rc *neutron.Context, q *neutron.Query, w *wire.Buffer) error
}

// Hosting answers requests about which DHCP agents serve which networks. It is safe for concurrent use.
type Hosting struct {
	agents   *Service
	networks Networks
}

// NewHosting returns the hosting of networks by s's agents.
func NewHosting(s *Service, n Networks) *Hosting { return &Hosting{agents: s, networks: n} }

const (
	selectHosted = `SELECT network_id FROM networkdhcpagentbindings WHERE dhcp_agent_id = ? ORDER BY network_id`
	selectHosts  = `SELECT ` + agentColumns + ` FROM networkdhcpagentbindings b JOIN agents a ON a.id = b.dhcp_agent_id
		WHERE b.network_id = ? ORDER BY a.id`
	countHosting = `SELECT count(*) FROM networkdhcpagentbindings WHERE network_id = ? AND dhcp_agent_id = ?`
	// The index is the least that the network has free.
	insertHosting = `INSERT INTO networkdhcpagentbindings (network_id, dhcp_agent_id, binding_index)
		SELECT ?1, ?2, (SELECT min(i) FROM (SELECT 1 AS i UNION SELECT binding_index + 1 FROM networkdhcpagentbindings WHERE network_id = ?1)
			WHERE i NOT IN (SELECT binding_index FROM networkdhcpagentbindings WHERE network_id = ?1))`
	deleteHosting = `DELETE FROM networkdhcpagentbindings WHERE network_id = ? AND dhcp_agent_id = ?`
	// The agent's port keeps its address for the next agent.
	reservePort = `UPDATE ports SET device_id = 'reserved_dhcp_port' WHERE network_id = ? AND device_id = ?`
	selectPorts = `SELECT standard_attr_id FROM ports WHERE network_id = ? AND device_id = ?`
)

// ListNetworks answers with the networks of an agent: GET /agents/{}/dhcp-networks.
func (h *Hosting) ListNetworks(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	agent := c.Args[0]
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	var ids []string
	err = db.Read(ctx, func(tx *store.Tx) error {
		if _, err := h.agents.load(tx, agent); err != nil {
			return err
		}
		var err error
		ids, err = tx.Strings(selectHosted, agent)
		return err
	})
	if err != nil {
		return err
	}
	return h.networks.List(ctx, rc, &neutron.Query{Filters: []neutron.Filter{{Name: "id", Values: ids}}}, c.Out)
}

// ListAgents answers with the agents of a network, none for one that is not there: GET /networks/{}/dhcp-agents.
func (h *Hosting) ListAgents(ctx context.Context, _ *neutron.Context, c *wire.Call) error {
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	var found []Agent
	err = db.Read(ctx, func(tx *store.Tx) error {
		found = nil
		now := h.agents.o.Now()
		return tx.Each(selectHosts, []any{c.Args[0]}, func(rows *sql.Rows) error {
			a, err := h.agents.scan(rows, now)
			found = append(found, a)
			return err
		})
	})
	if err != nil {
		return err
	}
	c.Out.Open('{')
	c.Out.Key(0, "agents")
	c.Out.Open('[')
	for i := range found {
		c.Out.Comma(i)
		appendWhole(c.Out, &found[i])
	}
	c.Out.Close(']')
	c.Out.Close('}')
	return nil
}

// Add gives a network to an agent: POST /agents/{}/dhcp-networks.
func (h *Hosting) Add(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	object, _ := c.Body.(map[string]any)
	network, ok := object["network_id"].(string)
	if !ok {
		return neutron.InvalidInput("network_id is required in the body")
	}
	if err := h.networks.Exists(ctx, rc, network); err != nil {
		return err
	}
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	err = db.Write(ctx, func(tx *store.Tx) error { return h.add(tx, rc, c.Args[0], network) })
	if err == nil {
		c.Out.Null()
	}
	return err
}

func (h *Hosting) add(tx *store.Tx, rc *neutron.Context, agent, network string) error {
	a, err := h.agents.load(tx, agent)
	if err != nil {
		return err
	}
	if a.AgentType != TypeDHCP || !a.AdminStateUp {
		return neutron.NewError(neutron.NotFound, "InvalidDHCPAgent", "Agent %s is not a valid DHCP Agent or has been disabled.", agent)
	}
	var n int
	if err := tx.Get(countHosting, []any{network, agent}, &n); err != nil {
		return err
	}
	if n > 0 {
		return neutron.NewError(neutron.Conflict, "NetworkHostedByDHCPAgent",
			"The network %s has been already hosted by the DHCP Agent %s.", network, agent)
	}
	return h.agents.serve(tx, rc, neutron.AgentNetwork{AgentID: agent, Host: a.Host, NetworkID: network})
}

// serve gives a network to a DHCP agent.
func (s *Service) serve(tx *store.Tx, rc *neutron.Context, n neutron.AgentNetwork) error {
	if s.o.NetworkHooks.Told(callbacks.Create) {
		coming := n
		if err := s.o.NetworkHooks.Begin(tx, callbacks.Event[neutron.AgentNetwork]{Operation: callbacks.Create, Context: rc, New: &coming}); err != nil {
			return err
		}
	}
	if _, err := tx.Exec(insertHosting, n.NetworkID, n.AgentID); err != nil {
		return err
	}
	return s.o.NetworkHooks.Created(tx, rc, nil, []neutron.AgentNetwork{n})
}

// Remove takes a network from an agent: DELETE /agents/{}/dhcp-networks/{}.
func (h *Hosting) Remove(ctx context.Context, rc *neutron.Context, c *wire.Call) error {
	db, err := h.agents.db()
	if err != nil {
		return err
	}
	return db.Write(ctx, func(tx *store.Tx) error { return h.remove(tx, rc, c.Args[0], c.Args[1]) })
}

func (h *Hosting) remove(tx *store.Tx, rc *neutron.Context, agent, network string) error {
	a, err := h.agents.load(tx, agent)
	if err != nil {
		return err
	}
	var n int
	if err := tx.Get(countHosting, []any{network, agent}, &n); err != nil {
		return err
	}
	if n == 0 {
		return neutron.NewError(neutron.Conflict, "NetworkNotHostedByDhcpAgent",
			"The network %s is not hosted by the DHCP Agent %s.", network, agent)
	}
	err = h.agents.o.NetworkHooks.Ending(tx, rc, func(neutron.Fields) ([]neutron.AgentNetwork, error) {
		return []neutron.AgentNetwork{{AgentID: agent, Host: a.Host, NetworkID: network}}, nil
	})
	if err != nil {
		return err
	}
	if _, err := tx.Exec(deleteHosting, network, agent); err != nil {
		return err
	}
	device := dhcpDevice(network, a.Host)
	var standards []int64
	err = tx.Each(selectPorts, []any{network, device}, func(rows *sql.Rows) error {
		var id int64
		err := rows.Scan(&id)
		standards = append(standards, id)
		return err
	})
	if err != nil || len(standards) == 0 {
		return err
	}
	for _, id := range standards {
		if err := tx.Revise(id, h.agents.o.Now()); err != nil {
			return err
		}
	}
	_, err = tx.Exec(reservePort, network, device)
	return err
}

// dhcpDevice is the device_id of the port by which the agent on a host serves a network.
func dhcpDevice(network, host string) string {
	short, _, _ := strings.Cut(host, ".")
	return "dhcp" + uuid.NewSHA1(uuid.NameSpaceDNS, []byte(short)).String() + "-" + network
}
