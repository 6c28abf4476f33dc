// Package ipam gives ports their addresses: Neutron's internal IPAM driver.
//
// It owns the tables ipamsubnets, ipamallocationpools and ipamallocations, which say what is taken, and writes
// ipallocations and ipallocationpools, which say what ports and subnets show. Its arithmetic (default pools, pool and
// gateway rules, EUI-64 addresses, which subnets serve a port, what an update keeps) is pure functions over net/netip
// values; the Allocator adds the SQL.
//
// It promises that an address is never given twice, that IpAddressGenerationFailure is only answered when every address
// of every eligible pool is taken, and that finding a free address does not depend on how large a pool is, and hardly on
// how full: a few random addresses are looked up by primary key, then more, and only when all of them are taken are the
// subnet's allocations read, once, to settle the matter by range arithmetic.
//
// It runs inside the caller's write transaction and relies on it: between looking an address up and taking it no other
// writer may come. It never creates ports or subnets, and never changes revision numbers.
package ipam
