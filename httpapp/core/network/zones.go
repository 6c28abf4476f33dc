package network

import (
	"slices"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// A network lives in the zones of the agents that give out its addresses.
const networkZones = `SELECT DISTINCT availability_zone FROM agents
	WHERE agent_type = 'DHCP agent' AND availability_zone IS NOT NULL`

// checkZones refuses hints that no DHCP agent is in.
func checkZones(tx *store.Tx, hints []string) error {
	if len(hints) == 0 {
		return nil
	}
	zones, err := tx.Strings(networkZones)
	if err != nil {
		return err
	}
	for _, hint := range hints {
		if !slices.Contains(zones, hint) {
			return neutron.NewError(neutron.NotFound, "AvailabilityZoneNotFound",
				"AvailabilityZone %s could not be found.", hint)
		}
	}
	return nil
}
