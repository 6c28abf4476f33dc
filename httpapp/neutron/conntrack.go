package neutron

// ConntrackHelper lets a router follow the connections of a protocol that opens more of them than its own.
type ConntrackHelper struct {
	ID, RouterID     string
	Protocol, Helper string
	Port             int64
}
