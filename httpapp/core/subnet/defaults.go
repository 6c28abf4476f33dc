package subnet

import (
	"time"

	"github.com/google/uuid"

	"github.com/seed-a8f20362/hadron/httpapp/ipam"
)

// Defaults returns Options as an untouched neutron.conf has them, without a DB.
func Defaults() Options {
	return Options{
		Now:            time.Now,
		NewID:          uuid.NewString,
		IPAM:           ipam.New(ipam.Options{}),
		MaxNameservers: 5,
		MaxHostRoutes:  20,
	}
}
