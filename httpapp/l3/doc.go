// Package l3 is the routers of Neutron's L3 plugin: /routers with its actions for interfaces and extra routes. It owns the
// tables routers, router_extra_attributes, router_ndp_proxy_state, routerports and routerroutes, and of
// providerresourceassociations the rows of routers; the ports by which a router is on its networks are package port's, made
// and removed in the transaction of the router's own rows. Who provides a router it asks Options.Flavors.
//
// It promises that a request is one transaction: a router whose gateway is refused is not made. The subnets of a router
// never overlap, the next hop of a route is on one of them, and what a floating IP or a route needs is not removed.
// Revision numbers grow as Neutron 2026.1's do (observed). A project sees its own routers only.
//
// It publishes what becomes of routers, their interfaces and gateways, of floating IPs and where they lead. What other domains do
// to a router's ports and subnets is no change of the router. Also here: floating IPs, and the pools that they come from.
//
// It never chooses a router's agent and tells no agent about changes. Not built, and refused where a request asks for
// it: distributed and highly available routers, several gateways and NDP proxies.
package l3
