package api

import (
	"context"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
)

// Ownership returns the project of the network that the caller sees under that id, and whether it is shared with him.
type Ownership func(ctx context.Context, rc *neutron.Context, network string) (project string, shared bool, err error)

// checkOwnership refuses ports and subnets on a network of another project that is not shared, such as one that is only
// seen because it is external, and does so ahead of policies: on a network that the caller does not see, they are not found.
func (c *call) checkOwnership() error {
	ask := c.front.engine.options.Ownership
	if ask == nil || c.action != create || c.rc.Admin || c.rc.Service || c.resource.Name != "port" && c.resource.Name != "subnet" {
		return nil
	}
	var asked, project string
	var shared bool
	for _, item := range c.body.items {
		if network := item.String("network_id"); network != asked {
			var err error
			if project, shared, err = ask(c.context(), c.rc, network); err != nil {
				return err
			}
			asked = network
		}
		if own := item.String("project_id"); !shared && project != own {
			return neutron.NewError(neutron.Forbidden, "HTTPForbidden", "Tenant %s not allowed to create %s on this network", own, c.resource.Name)
		}
	}
	return nil
}
