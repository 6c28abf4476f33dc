// Package ipam gives ports their addresses: Neutron's internal IPAM driver.
//
// It owns the tables ipamsubnets, ipamallocationpools and ipamallocations, which say what is taken, and writes
// ipallocations and ipallocationpools, which say what ports and subnets show. Its arithmetic (default pools, pool and
// gateway rules, EUI-64 addresses, which subnets serve a port, what an update keeps) is pure functions over net/netip
// values; the Allocator adds the SQL.
//
// It promises that an address is never given twice, that IpAddressGenerationFailure is only answered when every address
// of every eligible pool is taken, and that neither a free address nor the refusal of a full subnet costs more the larger
// or fuller a pool is. A few random addresses are looked up by primary key, and those that are free are remembered for
// the ports to come. Only when all of them are taken are the subnet's allocations read, once for the next four thousand
// addresses; that there was none left is remembered, too. What is remembered is never relied upon: the primary key
// decides whether an address is free, and a subnet counts as full only while the database says that no other program has
// written to it, and no transaction of this one has given an address back.
//
// It runs inside the caller's write transaction. It never creates ports or subnets, and never changes revision numbers.
package ipam
