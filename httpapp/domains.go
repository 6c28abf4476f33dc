package httpapp

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/seed-a8f20362/hadron/etc/conf"
	"github.com/seed-a8f20362/hadron/httpapp/addressgroup"
	"github.com/seed-a8f20362/hadron/httpapp/addressscope"
	"github.com/seed-a8f20362/hadron/httpapp/api"
	"github.com/seed-a8f20362/hadron/httpapp/autotopology"
	"github.com/seed-a8f20362/hadron/httpapp/callbacks"
	"github.com/seed-a8f20362/hadron/httpapp/core/network"
	"github.com/seed-a8f20362/hadron/httpapp/core/port"
	"github.com/seed-a8f20362/hadron/httpapp/core/subnet"
	"github.com/seed-a8f20362/hadron/httpapp/ipam"
	"github.com/seed-a8f20362/hadron/httpapp/ml2"
	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/quota"
	"github.com/seed-a8f20362/hadron/httpapp/rbacpolicy"
	"github.com/seed-a8f20362/hadron/httpapp/revision"
	"github.com/seed-a8f20362/hadron/httpapp/secgroup"
	"github.com/seed-a8f20362/hadron/httpapp/segment"
	"github.com/seed-a8f20362/hadron/httpapp/store"
	"github.com/seed-a8f20362/hadron/httpapp/subnetpool"
	"github.com/seed-a8f20362/hadron/httpapp/trunk"
	"github.com/seed-a8f20362/hadron/httpapp/wire"
)

// Prepare brings the tables that follow from the configuration (which segment ids may be allocated) in line with it.
// It is cheap when they are, and safe while the database is in use.
func Prepare(ctx context.Context, s *conf.Snapshot, db *store.DB) error {
	plugin, err := newML2(s)
	if err != nil {
		return err
	}
	return db.Write(ctx, plugin.Sync)
}

// newEngine registers every resource that is built, in the order in which /v2.0/ lists them. What happens to them is
// published to h.
func newEngine(s *conf.Snapshot, o Options, h *hooks) (*api.Engine, error) {
	if err := checkPlugin(s); err != nil {
		return nil, err
	}
	options, err := engineOptions(s)
	if err != nil {
		return nil, err
	}
	if options.Policy, err = loadPolicies(s, o); err != nil {
		return nil, err
	}
	options.Parents = parents{o.DB}
	quotas, err := newQuotas(s, o, options.Policy, h)
	if err != nil {
		return nil, err
	}
	options.Quotas = quotas
	if s.Text(conf.QuotaDriver) == quota.DriverNull {
		options.WithoutExtensions = append(options.WithoutExtensions, "quota_details")
	}
	options.WithoutExtensions = append(options.WithoutExtensions, withoutPlugins(s)...)
	options.WithoutAttributes = withoutAttributes(s)
	options.ServiceTypes = serviceTypes(s)
	f, err := newFlavors(s, o, h)
	if err != nil {
		return nil, err
	}
	networks, subnets, ports, err := services(s, o, quotas.Allow, h)
	if err != nil {
		return nil, err
	}
	routers, err := newRouters(s, o, ports, f.flavors, h)
	if err != nil {
		return nil, err
	}
	options.Ownership = func(ctx context.Context, rc *neutron.Context, id string) (string, bool, error) {
		n, err := networks.Get(ctx, rc, id, neutron.Fields{Names: []string{"project_id", "shared"}})
		return n.ProjectID, n.Shared, err
	}
	e := api.New(options)
	err = errors.Join(
		register(e, "network", "networks", networks, &h.networks, network.View()),
		register(e, "subnet", "subnets", subnets, &h.subnets, subnet.View()),
		registerSubnetPools(e, o, subnets, h),
		register(e, "port", "ports", ports, &h.ports, portView(s)),
		registerAddressGroups(e, o, h),
		registerAddressScopes(e, o, h),
		registerRBACPolicies(e, o, h),
		registerSecurityGroups(e, o, quotas.Allow, h),
		registerFlavors(e, o, f, h),
		registerMetering(e, s, o, h),
		registerRouters(e, routers, h),
		registerTopologies(e, o, networks, subnets, routers, h),
		registerTrunks(e, s, o, h),
		registerLogging(e, s, o, h),
		registerConntrack(e, s, o, h),
		registerSegments(e, s, o, ports, h),
		registerQoS(e, s, o, h),
		registerSegmentRanges(e, s, o, h),
		registerQuotas(e, quotas, s.Text(conf.QuotaDriver) != quota.DriverNull),
	)
	return e, errors.Join(err, registerAgents(e, s, o, h), registerAvailability(e, o), registerBindings(e, ports), registerTags(e, o, h))
}

// register registers a core resource whose operations publish their events.
func register[T any](e *api.Engine, name, collection string, svc callbacks.Service[T], h *callbacks.Hooks[T], view wire.View[T]) error {
	return api.Register(e, name, collection, published(svc, h), view)
}

// published is a service whose creates, updates and deletes publish their events.
func published[T any](svc callbacks.Service[T], h *callbacks.Hooks[T]) callbacks.Published[T] {
	return callbacks.Published[T]{Service: svc, Hooks: h}
}

// registerSubnetPools registers a core resource whose URLs and actions two extensions have laid rules over.
func registerSubnetPools(e *api.Engine, o Options, subnets *subnet.Service, h *hooks) error {
	pools := subnetpool.New(subnetpool.Options{DB: o.DB, Hooks: &h.subnetPools, Onboarding: subnets.Changing, Now: o.Now})
	return errors.Join(
		api.RegisterIn[neutron.SubnetPool](e, api.Shadowed, "subnetpool", "subnetpools", published(pools, &h.subnetPools), subnetpool.View()),
		api.AddAction(e, "subnetpools", api.Action{Name: "add_prefixes", Method: http.MethodPut, Do: pools.AddPrefixes}),
		api.AddAction(e, "subnetpools", api.Action{Name: "remove_prefixes", Method: http.MethodPut, Do: pools.RemovePrefixes}),
		api.AddAction(e, "subnetpools", api.Action{Name: "onboard_network_subnets", Method: http.MethodPut, Do: pools.Onboard}),
	)
}

func registerAddressGroups(e *api.Engine, o Options, h *hooks) error {
	groups := addressgroup.New(addressgroup.Options{DB: o.DB, Hooks: &h.addressGroups, Now: o.Now})
	err := api.RegisterIn[neutron.AddressGroup](e, api.Extension, "address_group", "address_groups", published(groups, &h.addressGroups), addressgroup.View())
	if err != nil {
		return err
	}
	e.Lookup("address-groups").Always = []string{"tenant_id"}
	return errors.Join(
		api.AddAction(e, "address-groups", api.Action{Name: "add_addresses", Method: http.MethodPut, Do: groups.AddAddresses}),
		api.AddAction(e, "address-groups", api.Action{Name: "remove_addresses", Method: http.MethodPut, Do: groups.RemoveAddresses}),
	)
}

func registerRBACPolicies(e *api.Engine, o Options, h *hooks) error {
	err := api.RegisterIn[neutron.RBACPolicy](e, api.Extension, "rbac_policy", "rbac_policies",
		published(rbacpolicy.New(rbacpolicy.Options{DB: o.DB, Hooks: &h.rbacPolicies, Now: o.Now}), &h.rbacPolicies), rbacpolicy.View())
	if err == nil {
		e.Lookup("rbac-policies").NoBulk = true
	}
	return err
}

func registerAddressScopes(e *api.Engine, o Options, h *hooks) error {
	return api.RegisterIn[neutron.AddressScope](e, api.Extension, "address_scope", "address_scopes",
		published(addressscope.New(addressscope.Options{DB: o.DB, Hooks: &h.addressScopes}), &h.addressScopes), addressscope.View())
}

func registerSecurityGroups(e *api.Engine, o Options, limit secgroup.Limit, h *hooks) error {
	groups := secgroup.Options{DB: o.DB, Now: o.Now, Limit: limit, Hooks: &h.securityGroups, RuleHooks: &h.securityGroupRules,
		TemplateHooks: &h.defaultRules}
	err := errors.Join(
		api.RegisterIn[neutron.SecurityGroup](e, api.Extension, "security_group", "security_groups",
			published(secgroup.NewGroups(groups), &h.securityGroups), secgroup.GroupView()),
		api.RegisterIn[neutron.SecurityGroupRule](e, api.Extension, "security_group_rule", "security_group_rules",
			published(secgroup.NewRules(groups), &h.securityGroupRules), secgroup.RuleView()),
		api.RegisterIn[neutron.DefaultSecurityGroupRule](e, api.Extension, "default_security_group_rule", "default_security_group_rules",
			published(secgroup.NewTemplates(groups), &h.defaultRules), secgroup.TemplateView()),
	)
	if err == nil {
		e.Lookup("default-security-group-rules").NoBulk = true
	}
	return err
}

func services(s *conf.Snapshot, o Options, limit secgroup.Limit, h *hooks) (*network.Service, *subnet.Service, *port.Service, error) {
	plugin, err := newML2(s)
	if err != nil {
		return nil, nil, nil, err
	}
	groups := secgroup.Standing{Limit: limit, Hooks: &h.securityGroups}
	addresses := ipam.New(ipam.Options{})
	p := port.DefaultOptions()
	p.DB, p.Addresses, p.Now = o.DB, addresses, o.Now
	p.BaseMAC, p.DNSDomain = s.Text(conf.BaseMAC), s.Text(conf.DNSDomain)
	p.MaxAddressPairs = s.Int(conf.MaxAllowedAddressPair)
	p.Groups, p.Hooks, p.BindingHooks, p.Routers, p.QoS = groups, &h.ports, &h.bindings, hasRouters(s), qosDrivers()
	p.PortFilter = s.Bool(conf.EnableSecurityGroup)
	p.AgentDownTime = s.Seconds(conf.AgentDownTime)
	if hasTrunks(s) {
		p.Children, p.Bridge = trunk.PortChildren(), trunk.Bridge
	}
	ports, err := port.New(p)
	if err != nil {
		return nil, nil, nil, err
	}
	subnets := subnet.New(subnet.Options{DB: o.DB, Hooks: &h.subnets, Routed: Routed(s), Now: o.Now, IPAM: addresses, Readdressing: ports.Changing,
		MaxNameservers: s.Int(conf.MaxDNSNameservers), MaxHostRoutes: s.Int(conf.MaxSubnetHostRoutes)})
	n := network.Options{DB: o.DB, Segments: plugin, Ensure: ensureGroup(o.Now, groups), Hooks: &h.networks, QoS: qosDrivers(), Now: o.Now}
	n.Ending = func(tx *store.Tx, rc *neutron.Context, id string) error {
		if err := ports.Ending(tx, rc, neutron.Filter{Name: "network_id", Values: []string{id}}); err != nil {
			return err
		}
		if err := subnets.Ending(tx, rc, id); err != nil {
			return err
		}
		return autotopology.Ending(tx, rc, &h.topologies, id)
	}
	if Routed(s) {
		withSegments(&n, segment.New(segment.Options{DB: o.DB, Plugin: plugin, Hooks: &h.segments, Now: o.Now}))
	}
	networks, err := network.New(n)
	return networks, subnets, ports, err
}

// withSegments lets segments come and go with their networks.
func withSegments(n *network.Options, segments *segment.Service) {
	ending := n.Ending
	n.Made = segments.Made
	n.Ending = func(tx *store.Tx, rc *neutron.Context, id string) error {
		if err := ending(tx, rc, id); err != nil {
			return err
		}
		return segments.Ending(tx, rc, id)
	}
}

// ensureGroup gives a project its default security group with its first network.
func ensureGroup(now func() time.Time, groups secgroup.Standing) func(*store.Tx, *neutron.Context, string) error {
	return func(tx *store.Tx, rc *neutron.Context, project string) error {
		_, err := groups.Ensure(tx, rc, project, now())
		return err
	}
}

// checkPlugin refuses a core plugin that is not ML2, by either of its names.
func checkPlugin(s *conf.Snapshot) error {
	switch name := s.Text(conf.CorePlugin); name {
	case "ml2", "neutron.plugins.ml2.plugin.Ml2Plugin":
		return nil
	case "":
		return errors.New("Neutron core_plugin not configured!")
	default:
		return fmt.Errorf("%s: Plugin '%s' not found. hadron has ml2 built in", s.Origin(conf.CorePlugin), name)
	}
}

func engineOptions(s *conf.Snapshot) (api.Options, error) {
	o := api.DefaultOptions()
	limit, err := pageLimit(s)
	if err != nil {
		return o, err
	}
	o.PaginationMaxLimit = limit
	o.DNSDomain, o.BaseMAC = s.Text(conf.DNSDomain), s.Text(conf.BaseMAC)
	o.MaxAddressPairs = s.Int(conf.MaxAllowedAddressPair)
	o.IgnoreUnknownFilters = !s.Bool(conf.FilterValidation)
	o.RefuseBulk = !s.Bool(conf.AllowBulk)
	o.IfMatch = revision.IfMatch
	return o, nil
}

// pageLimit reads pagination_max_limit: a number, or "infinite" in any spelling of "no limit".
func pageLimit(s *conf.Snapshot) (int, error) {
	text := s.Text(conf.PaginationMaxLimit)
	if text == "infinite" {
		return -1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("%s: pagination_max_limit: %q is neither a number nor \"infinite\"", s.Origin(conf.PaginationMaxLimit), text)
	}
	return n, nil
}

func ml2Config(s *conf.Snapshot) (ml2.Config, error) {
	mtus := make(map[string]int64)
	for physnet, text := range s.Dict(conf.ML2PhysicalNetworkMTUs) {
		mtu, err := strconv.ParseInt(text, 10, 64)
		if err != nil || mtu < 0 {
			return ml2.Config{}, fmt.Errorf("%s: physical_network_mtus: %q of %q is not a number of bytes",
				s.Origin(conf.ML2PhysicalNetworkMTUs), text, physnet)
		}
		mtus[physnet] = mtu
	}
	return ml2.Config{
		TypeDrivers:         s.List(conf.ML2TypeDrivers),
		ProjectNetworkTypes: s.List(conf.ML2ProjectNetworkTypes),
		ExternalNetworkType: s.Text(conf.ML2ExternalNetworkType),
		FlatNetworks:        s.List(conf.FlatNetworks),
		VLANRanges:          s.List(conf.NetworkVLANRanges),
		VNIRanges:           s.List(conf.VXLANVNIRanges),
		TunnelRanges:        s.List(conf.GRETunnelIDRanges),
		GeneveRanges:        s.List(conf.GeneveVNIRanges),
		GlobalPhysnetMTU:    int64(s.Int(conf.GlobalPhysnetMTU)),
		PathMTU:             int64(s.Int(conf.ML2PathMTU)),
		GeneveMaxHeaderSize: int64(s.Int(conf.GeneveMaxHeaderSize)),
		OverlayIPVersion:    s.Int(conf.ML2OverlayIPVersion),
		PhysicalNetworkMTUs: mtus,
		Routed:              Routed(s),
		StoredRanges:        rangesStored(s),
	}, nil
}

// newML2 makes the segments' side of the core plugin.
func newML2(s *conf.Snapshot) (*ml2.Plugin, error) {
	c, err := ml2Config(s)
	if err != nil {
		return nil, err
	}
	plugin, err := ml2.New(c)
	return plugin, s.Locate(err)
}
