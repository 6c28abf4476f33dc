// Package rbacpolicy is the rbac-policies resource: the entries that let other projects use networks, security groups,
// address scopes, subnet pools, address groups and QoS policies. It owns the rows of the tables *rbacs that clients make;
// the wildcard entries that shared and router:external stand for are made by their objects' domains, and are entries like
// others here.
//
// It promises that every request is one transaction, that nobody loses an entry that an object of his depends on, that
// there is one entry for an object, an action and a target, and that a network is external as long as an entry lets
// somebody use it as such. Who may make which entry beyond owning the object, wildcards above all, is policy's business.
package rbacpolicy
