package api

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/policy"
)

// Options are the settings of neutron.conf that the engine depends on.
type Options struct {
	// DNSDomain is dns_domain. Names of ports must fit below it unless it is empty or the default.
	DNSDomain string
	// BaseMAC is base_mac, the first three octets (four, when the fourth is not 00) of generated addresses.
	BaseMAC string
	// MaxAddressPairs is max_allowed_address_pair, the most allowed_address_pairs a port may have.
	MaxAddressPairs int
	// PaginationMaxLimit is pagination_max_limit: the most items in one list answer; 0 or less for no limit.
	PaginationMaxLimit int
	// IgnoreUnknownFilters is the opposite of filter_validation.
	IgnoreUnknownFilters bool
	// RefuseBulk is the opposite of allow_bulk.
	RefuseBulk bool
	// LinkPrefix is network_link_prefix, put in place of scheme and host of pagination links.
	LinkPrefix string
	// RetryAfter is the number of seconds after which a client that met an unavailable database should come back.
	RetryAfter int
	// MaxPlans bounds the cached encoder plans of one resource: clients choose the fields, so they choose the keys.
	MaxPlans int
	// Policy decides who may do what; nil lets everybody do everything. Parents tells it of other objects than those of
	// a request.
	Policy  *policy.Enforcer
	Parents policy.Parents
	// Ownership tells whose networks are; nil lets everybody use every network that he sees.
	Ownership Ownership
	// RandomMAC makes the address of a port whose mac_address is null; nil for random ones below BaseMAC.
	RandomMAC func() string
	// IfMatch returns a context in which an object is changed only while it has that revision number, or says why it
	// cannot. Nil: there are no revisions, and If-Match with one is refused.
	IfMatch func(ctx context.Context, collection, id string, revision int64) (context.Context, error)
	// Quotas are the limits of projects; nil for none.
	Quotas Quotas
	// ServiceTypes are the types of the service plugins that are loaded: what a flavor may be of.
	ServiceTypes []string
	// WithoutExtensions are the aliases of built extensions that the configuration turns off.
	WithoutExtensions []string
	// WithoutAttributes are the attributes, by collection, that come with a service plugin which is not loaded.
	WithoutAttributes map[string][]string
}

// DefaultOptions are the defaults of neutron.conf; RetryAfter and MaxPlans are ours.
func DefaultOptions() Options {
	return Options{
		DNSDomain:          "openstacklocal",
		BaseMAC:            "fa:16:3e:00:00:00",
		MaxAddressPairs:    10,
		PaginationMaxLimit: -1,
		RetryAfter:         5,
		MaxPlans:           256,
	}
}
