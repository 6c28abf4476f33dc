// Package addressgroup is the address-groups resource: sets of networks that security group rules name instead of a
// prefix, and the actions that add networks to them and take them away. It owns the tables address_groups and
// address_associations.
//
// It promises that every request is one transaction, that a network is kept in one spelling (the first address and the
// length) and once per group, and that a group that a rule names is not deleted. Every address that comes or goes is one
// revision, as in Neutron.
package addressgroup
