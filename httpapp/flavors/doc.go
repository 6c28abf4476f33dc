// Package flavors is the flavors plugin: /flavors, /service_profiles, the association of both, and /service-providers. It
// owns the tables flavors, serviceprofiles and flavorserviceprofilebindings, and decides which provider stands for a flavor.
//
// It promises that every request is one transaction, that a flavor with a router and a profile of a flavor are not deleted,
// that such a profile does not change, and that a profile's driver is one of the configuration's. The flavors and profiles of
// a cloud belong to no project: who may see them is the policy's decision alone.
//
// Providers come from [service_providers] and are checked with it; the four of Neutron's own L3 plugin are always there.
// What else those would do with a router, such as making it highly available, they do not do here.
package flavors
