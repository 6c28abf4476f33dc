// Package segment is the segments resource: the layer-2 segments of a network one by one, which make a network of several
// of them a routed one once its subnets are bound to them. It owns no table: networksegments, the allocations behind it
// and segmenthostmappings are package ml2's.
//
// It promises that every request is one transaction, that a segment is taken from its type driver as a network's own are,
// that the network's MTU fits through it, and that one that a subnet or a bound port is on is not deleted. A network may
// lose all of its segments, as in Neutron.
//
// It never tells Nova or Placement about a segment's addresses.
package segment
