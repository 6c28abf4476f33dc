// Package addressscope is the address-scopes resource: groups of subnet pools whose prefixes do not overlap. It owns the
// table address_scopes and, through package rbac, the wildcard entry that shared stands for.
//
// It promises that every request is one transaction, that a scope with subnet pools is not deleted, and that what is
// shared once stays so. What a pool must fulfil to join a scope is package subnetpool's business.
package addressscope
