// Package neutron holds the nouns of the Networking API: Network, Subnet, Port, the request Context, the Query a list
// request asks, the attributes a create or update request carries, and Error with its Kind.
//
// It has no behaviour beyond reading its own fields and imports only the standard library, so that every other room of
// httpapp can import it. Wire spellings (provider:network_type, tenant_id, ...) live in package api's attribute tables
// and in the views of the domains, not here.
package neutron
