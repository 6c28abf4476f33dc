package ml2

import (
	"fmt"
	"slices"
)

// Names of the network types.
const (
	Local  = "local"
	Flat   = "flat"
	VLAN   = "vlan"
	VXLAN  = "vxlan"
	GRE    = "gre"
	Geneve = "geneve"
)

// Config is what ml2.ini says about network types, as plain values. Errors name its fields by their option.
type Config struct {
	// TypeDrivers are the network types that may be used: [ml2] type_drivers.
	TypeDrivers []string
	// ProjectNetworkTypes are tried in order for a network that names no type: [ml2] project_network_types.
	ProjectNetworkTypes []string
	// ExternalNetworkType is the type of external networks that name none, "" for ProjectNetworkTypes.
	ExternalNetworkType string
	// FlatNetworks are the physical networks of flat networks; "*" allows any, none disables them.
	FlatNetworks []string
	// VLANRanges are [ml2_type_vlan] network_vlan_ranges: "physnet:first:last", or "physnet" to allow named ids only.
	VLANRanges []string
	// VNIRanges (vxlan), TunnelRanges (gre) and GeneveRanges are "first:last".
	VNIRanges, TunnelRanges, GeneveRanges []string
	// GlobalPhysnetMTU is the MTU of the physical networks in bytes, 0 for unknown.
	GlobalPhysnetMTU int64
	// PathMTU bounds the MTU of tunnels in bytes where the path is narrower than GlobalPhysnetMTU, 0 for no bound.
	PathMTU int64
	// PhysicalNetworkMTUs bounds the MTU of flat and vlan networks per physical network, in bytes.
	PhysicalNetworkMTUs map[string]int64
	// GeneveMaxHeaderSize is the size in bytes of a Geneve header with its options and the Ethernet header inside.
	GeneveMaxHeaderSize int64
	// Routed keeps account of the hosts that reach a segment, as the service plugin segments does.
	Routed bool
	// StoredRanges keeps ranges in the database beside those of the configuration, as the service plugin
	// network_segment_range does: allocation follows the stored ones.
	StoredRanges bool
	// OverlayIPVersion is the version of the tunnels' endpoints, 4 or 6.
	OverlayIPVersion int
}

// Defaults returns Neutron's defaults: local networks only, since no ranges are configured.
func Defaults() Config {
	return Config{
		TypeDrivers:         []string{Local, Flat, VLAN, GRE, VXLAN, Geneve},
		ProjectNetworkTypes: []string{Local},
		FlatNetworks:        []string{"*"},
		GlobalPhysnetMTU:    1500,
		GeneveMaxHeaderSize: geneveMinHeader,
		OverlayIPVersion:    4,
	}
}

// check refuses values that no single type driver looks at. It says everything that is wrong.
func (c *Config) check() []error {
	var errs []error
	refuse := func(format string, args ...any) { errs = append(errs, fmt.Errorf("ml2: "+format, args...)) }
	if c.OverlayIPVersion != 4 && c.OverlayIPVersion != 6 {
		refuse("[ml2] overlay_ip_version: %d is neither 4 nor 6", c.OverlayIPVersion)
	}
	for _, t := range c.ProjectNetworkTypes {
		if !slices.Contains(c.TypeDrivers, t) {
			refuse("[ml2] project_network_types: %q is not in [ml2] type_drivers", t)
		}
	}
	if t := c.ExternalNetworkType; t != "" && !slices.Contains(c.TypeDrivers, t) {
		refuse("[ml2] external_network_type: %q is not in [ml2] type_drivers", t)
	}
	return errs
}
