package l3

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// request is the body of an interface action.
type request struct {
	portID, subnetID string // "" for not given
}

// parseRequest reads the body. A removal may name both port and subnet.
func parseRequest(body any, removal bool) (request, error) {
	m := attrsOf(body)
	if !m.Has("port_id") && !m.Has("subnet_id") {
		return request{}, badRequest("Either subnet_id or port_id must be specified")
	}
	for _, key := range []string{"port_id", "subnet_id"} {
		if v, ok := m[key]; ok && !isUUID(v) {
			return request{}, badRequest("'%s' is not a valid UUID", pyText(v))
		}
	}
	if !removal && m.Has("port_id") && m.Has("subnet_id") {
		return request{}, badRequest("Cannot specify both subnet-id and port-id")
	}
	return request{portID: m.String("port_id"), subnetID: m.String("subnet_id")}, nil
}

func isUUID(v any) bool {
	s, ok := v.(string)
	return ok && uuid.Validate(s) == nil
}

// pyText is how Python prints a value that should have been a text.
func pyText(v any) string {
	switch v := v.(type) {
	case nil:
		return "None"
	case bool:
		return map[bool]string{true: "True", false: "False"}[v]
	case string:
		return v
	case map[string]any, []any:
		text, _ := json.Marshal(v) // the attribute tables' texts would be Python's; here no table is asked
		return string(text)
	}
	return fmt.Sprint(v)
}

// interfaceInfo is what an interface action answers.
type interfaceInfo struct {
	routerID  string
	port      neutron.Port
	subnetIDs []string
}

func (i *interfaceInfo) append(w *wire.Buffer) {
	w.Open('{')
	for n, field := range [][2]string{{"id", i.routerID}, {"project_id", i.port.ProjectID}, {"port_id", i.port.ID},
		{"network_id", i.port.NetworkID}, {"subnet_id", i.subnetIDs[len(i.subnetIDs)-1]}} {
		w.Key(n, field[0])
		w.Str(field[1])
	}
	w.Key(1, "subnet_ids")
	w.Strings(i.subnetIDs)
	w.Close('}')
}

// AddInterface is the action add_router_interface.
func (s *Service) AddInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.interfaceAction(ctx, rc, id, w, "add router interface", func(c *change) (interfaceInfo, error) {
		r, err := parseRequest(body, false)
		if err != nil {
			return interfaceInfo{}, err
		}
		var info interfaceInfo
		if r.portID != "" {
			info, err = c.addPort(r.portID)
		} else {
			info, err = c.addSubnet(r.subnetID)
		}
		if err != nil {
			return info, err
		}
		return info, c.joined(&info)
	})
}

// RemoveInterface is the action remove_router_interface.
func (s *Service) RemoveInterface(ctx context.Context, rc *neutron.Context, id string, body any, w *wire.Buffer) error {
	return s.interfaceAction(ctx, rc, id, w, "remove router interface", func(c *change) (interfaceInfo, error) {
		r, err := parseRequest(body, true)
		if err != nil {
			return interfaceInfo{}, err
		}
		var info interfaceInfo
		if r.portID != "" {
			info, err = c.removePort(r)
		} else {
			info, err = c.removeSubnet(r.subnetID)
		}
		if err != nil {
			return info, err
		}
		return info, c.tx.Revise(c.standard, c.now) // the router has changed, as in Neutron
	})
}

func (s *Service) interfaceAction(ctx context.Context, rc *neutron.Context, id string, w *wire.Buffer, what string,
	do func(*change) (interfaceInfo, error)) error {
	var info interfaceInfo
	err := s.o.DB.Write(ctx, func(tx *store.Tx) error {
		c, err := s.open(tx, rc, id)
		if err != nil {
			return err
		}
		info, err = do(c)
		return err
	})
	if err != nil {
		return wrap(what, err)
	}
	info.routerID = id
	info.append(w)
	return nil
}

// addPort makes a port that somebody has made the router's.
func (c *change) addPort(id string) (interfaceInfo, error) {
	p, joining, err := c.freePort(id)
	if err != nil {
		return interfaceInfo{}, err
	}
	// Neutron looks at the port once it is the router's, so that a refusal costs the port two revisions. Here it costs none.
	if err := c.checkPort(&p, joining); err != nil {
		return interfaceInfo{}, err
	}
	if err := c.joining(&interfaceInfo{port: p, subnetIDs: ids(joining)}); err != nil {
		return interfaceInfo{}, err
	}
	p, err = c.service.o.Ports.UpdateIn(c.tx, c.rc, id, neutron.Attrs{"device_id": c.id, "device_owner": ownerInterface})
	if err != nil {
		return interfaceInfo{}, err
	}
	return interfaceInfo{port: p, subnetIDs: ids(joining)}, c.attach(id, ownerInterface)
}

// freePort returns a port that nobody uses, with its subnets.
func (c *change) freePort(id string) (neutron.Port, []subnet, error) {
	p, err := c.service.o.Ports.SeeIn(c.tx, c.rc, id)
	if err != nil {
		return p, nil, err
	}
	if p.DeviceID != "" {
		return p, nil, neutron.NewError(neutron.Conflict, "PortInUse", "Unable to complete operation on port %s for network %s. "+
			"Port already has an attached device %s.", id, p.NetworkID, p.DeviceID)
	}
	if len(p.FixedIPs) == 0 {
		return p, nil, badRequest("Router port must have at least one fixed IP")
	}
	joining, err := subnets(c.tx, subnetsOfPort, id)
	for i := range joining {
		err = cmp.Or(err, checkAddressMode(&joining[i]))
	}
	if err == nil && !c.rc.Admin && p.ProjectID != c.was.ProjectID { // a port of another project's on the caller's network
		err = neutron.DeviceIDNotOwnedByTenant(c.id)
	}
	return p, joining, err
}

// checkPort refuses ports by which the router would be twice on a network, or whose addresses are not for the project.
func (c *change) checkPort(p *neutron.Port, joining []subnet) error {
	if slices.ContainsFunc(joining, func(n subnet) bool { return n.version == 6 }) {
		other, err := c.ipv6Port(p.NetworkID, ``)
		if err != nil {
			return err
		}
		if other != "" {
			return badRequest("Router already contains IPv6 port %s belonging to network id %s. Only one IPv6 port from the same "+
				"network subnet can be connected to a router.", other, p.NetworkID)
		}
	}
	if err := c.checkOverlap(joining, p.ID); err != nil {
		return err
	}
	v4 := 0
	for _, n := range joining {
		if n.version == 4 {
			v4++
		}
	}
	if v4 > 1 {
		return badRequest("Cannot have multiple IPv4 subnets on router port")
	}
	return c.checkPools(p, joining)
}

// checkPools refuses addresses beyond the pools of a subnet that is another project's, unless an administrator asks.
func (c *change) checkPools(p *neutron.Port, joining []subnet) error {
	if c.rc.Admin {
		return nil
	}
	for _, ip := range p.FixedIPs {
		i := slices.IndexFunc(joining, func(n subnet) bool { return n.id == ip.SubnetID })
		if i < 0 || joining[i].projectID == c.rc.ProjectID {
			continue
		}
		ok, err := c.pooled(ip)
		if err != nil {
			return err
		}
		if !ok {
			return badRequest("Cannot add interface to router because specified port %s has an IP address out of the allocation "+
				"pool of subnet %s, which is not owned by the project making the request", p.ID, ip.SubnetID)
		}
	}
	return nil
}

const ipv6Ports = `SELECT p.id FROM routerports r JOIN ports p ON p.id = r.port_id WHERE r.router_id = ? AND p.network_id = ?
	AND EXISTS (SELECT 1 FROM ipallocations i JOIN subnets n ON n.id = i.subnet_id WHERE i.port_id = p.id AND n.ip_version = 6)`

// ipv6Port returns the router's port with an IPv6 address on a network, "" for none. and narrows down which.
func (c *change) ipv6Port(networkID, and string) (string, error) {
	found, err := c.tx.Strings(ipv6Ports+and+` ORDER BY p.id LIMIT 1`, c.id, networkID)
	if err != nil || len(found) == 0 {
		return "", err
	}
	return found[0], nil
}

// addSubnet gives the router the gateway address of a subnet, on a new port or, in IPv6, on the one that it has there.
func (c *change) addSubnet(id string) (interfaceInfo, error) {
	n, err := c.findSubnet(id)
	if err != nil {
		return interfaceInfo{}, err
	}
	if err := c.checkSubnet(&n); err != nil {
		return interfaceInfo{}, err
	}
	address := map[string]any{"subnet_id": n.id, "ip_address": n.gateway}
	if n.version == 6 {
		port, err := c.ipv6Port(n.networkID, ` AND p.device_owner = '`+ownerInterface+`'`)
		if err != nil {
			return interfaceInfo{}, err
		}
		if port != "" {
			return c.addPrefix(port, &n, address)
		}
	}
	if err := c.joining(&interfaceInfo{port: neutron.Port{NetworkID: n.networkID}, subnetIDs: []string{n.id}}); err != nil {
		return interfaceInfo{}, err
	}
	in := newPort(c.was.ProjectID, n.networkID, c.id, ownerInterface)
	in["fixed_ips"] = []any{address}
	p, err := c.service.o.Ports.CreateIn(c.tx, c.rc, in)
	if err != nil {
		return interfaceInfo{}, err
	}
	return interfaceInfo{port: p, subnetIDs: []string{n.id}}, c.attach(p.ID, ownerInterface)
}

// addPrefix gives a port of the router's one address more.
func (c *change) addPrefix(portID string, n *subnet, address map[string]any) (interfaceInfo, error) {
	p, err := c.service.o.Ports.GetIn(c.tx, portID)
	if err != nil {
		return interfaceInfo{}, err
	}
	if err := c.joining(&interfaceInfo{port: p, subnetIDs: []string{n.id}}); err != nil {
		return interfaceInfo{}, err
	}
	in := neutron.Attrs{"fixed_ips": append(listOf(p.FixedIPs, ""), address)}
	p, err = c.service.o.Ports.UpdateIn(c.tx, c.rc, portID, in)
	return interfaceInfo{port: p, subnetIDs: []string{n.id}}, err
}

// listOf is fixed_ips as a request has it, without those of a subnet.
func listOf(ips []neutron.FixedIP, without string) []any {
	out := make([]any, 0, len(ips)+1)
	for _, ip := range ips {
		if ip.SubnetID != without {
			out = append(out, map[string]any{"subnet_id": ip.SubnetID, "ip_address": ip.IPAddress})
		}
	}
	return out
}

// findSubnet returns a subnet that rc may see: one of its own or on a network that it may use.
func (c *change) findSubnet(id string) (subnet, error) {
	found, err := subnets(c.tx, oneSubnet, id)
	if err != nil {
		return subnet{}, err
	}
	if len(found) == 0 {
		return subnet{}, neutron.SubnetNotFound(id)
	}
	if found[0].projectID == c.rc.ProjectID {
		return found[0], nil
	}
	ok, err := visible(c.tx, c.rc, found[0].networkID)
	if err == nil && !ok {
		err = neutron.SubnetNotFound(id)
	}
	return found[0], err
}

const sharedWith = `SELECT count(*) FROM networkrbacs WHERE object_id = ? AND action = 'access_as_shared' AND target_project = ?`

// checkSubnet refuses subnets without gateway, and those of other projects that are shared with everybody.
func (c *change) checkSubnet(n *subnet) error {
	if n.gateway == "" {
		return badRequest("Subnet for router interface must have a gateway IP")
	}
	if n.projectID != c.rc.ProjectID && !c.rc.Admin {
		var shared int
		if err := c.tx.Get(sharedWith, []any{n.networkID, c.rc.ProjectID}, &shared); err != nil {
			return err
		}
		if shared == 0 {
			return badRequest("Cannot add interface to router because subnet %s is not owned by project making the request", n.id)
		}
	}
	if err := checkAddressMode(n); err != nil {
		return err
	}
	return c.checkOverlap([]subnet{*n}, "")
}

func ids(list []subnet) []string {
	out := make([]string, len(list))
	for i := range list {
		out[i] = list[i].id
	}
	return out
}

// pooled reports whether an address lies in the pools of its subnet.
func (c *change) pooled(ip neutron.FixedIP) (bool, error) {
	a, err := netip.ParseAddr(ip.IPAddress)
	if err != nil {
		return false, err
	}
	firsts, err := c.tx.Strings(`SELECT first_ip || ' ' || last_ip FROM ipallocationpools WHERE subnet_id = ?`, ip.SubnetID)
	for _, pool := range firsts {
		var first, last netip.Addr
		if first, last, err = parsePool(pool); err != nil {
			return false, err
		}
		if a.Compare(first) >= 0 && a.Compare(last) <= 0 {
			return true, nil
		}
	}
	return false, err
}
