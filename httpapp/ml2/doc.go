// Package ml2 knows the network types of Neutron's ML2 plugin (local, flat, vlan, vxlan, gre, geneve): which provider
// attributes each accepts, which segments are free, and which MTU fits through it.
//
// It owns the tables ml2_flat_allocations, ml2_vlan_allocations, ml2_vxlan_allocations, ml2_gre_allocations,
// ml2_geneve_allocations and networksegments, and writes them as Neutron's type drivers do, so that a Neutron on the
// same database agrees about what is taken.
//
// It promises that a segment is given out at most once: allocation and reservation run in the caller's write
// transaction and change a row only if it is still free. Taking a free segment costs two index look-ups however many
// are taken already. A segment that is given back becomes free when it lies in a configured range; outside of them its
// row is deleted, as no range would ever offer it again.
//
// It keeps nothing in memory but its configuration, knows no network beyond its segments, and never plugs anything:
// mechanism drivers and agents do.
package ml2
