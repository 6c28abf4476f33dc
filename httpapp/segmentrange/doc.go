// Package segmentrange is the network-segment-ranges resource: which segmentation ids networks may get, for everybody or
// for one project. It owns the table network_segment_ranges but for its default rows, which package ml2 makes of the
// configuration.
//
// It promises that every request is one transaction, that the allocations behind a range appear and vanish with it, that a
// range with used ids is neither deleted nor narrowed, and that what is used and available is read once for a whole list,
// and only when somebody wants to see it.
//
// As in Neutron, only vlan ranges are kept from overlapping. Which range a network's id is taken from is ml2's to decide.
package segmentrange
