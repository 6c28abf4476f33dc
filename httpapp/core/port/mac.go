package port

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/seed-a8f20362/hadron/httpapp/neutron"
	"github.com/seed-a8f20362/hadron/httpapp/store"
)

// macMaker makes addresses with a fixed beginning and a random end.
type macMaker struct {
	fixed  []byte
	random func() uint64
}

// newMACMaker reads base_mac: six octets, of which the first three count, and the fourth unless it is 0. Neutron knows no
// other forms.
func newMACMaker(base string, random func() uint64) (macMaker, error) {
	parts := strings.Split(base, ":")
	if len(parts) != 6 {
		return macMaker{}, fmt.Errorf("base_mac %q: want six octets such as fa:16:3e:00:00:00", base)
	}
	fixed := make([]byte, 0, 4)
	for i, part := range parts {
		octet, err := strconv.ParseUint(part, 16, 8)
		if err != nil {
			return macMaker{}, fmt.Errorf("base_mac %q: octet %d: %w", base, i+1, err)
		}
		if i < 3 || i == 3 && octet != 0 {
			fixed = append(fixed, byte(octet))
		}
	}
	if fixed[0]&1 == 1 {
		return macMaker{}, fmt.Errorf("base_mac %q is a multicast address", base)
	}
	return macMaker{fixed: fixed, random: random}, nil
}

const hexDigits = "0123456789abcdef"

// next returns a new random address.
func (m macMaker) next() string {
	var b [17]byte
	r := m.random()
	for i := range 6 {
		octet := byte(r >> (8 * i))
		if i < len(m.fixed) {
			octet = m.fixed[i]
		}
		b[3*i], b[3*i+1] = hexDigits[octet>>4], hexDigits[octet&15]
		if i < 5 {
			b[3*i+2] = ':'
		}
	}
	return string(b[:])
}

// macTries bounds the search for a free address. With half of the 2^24 addresses of a network taken, all tries meeting a
// taken one has probability 2^-32.
const macTries = 32

// MySQL compares addresses without regard to case, so Neutron refuses one that differs in nothing else; dashes and dots
// do make a difference (observed). The address is kept as the client wrote it. On SQLite this reads all of a network's
// addresses, 0.13 ms per thousand, which only ports with a chosen address pay.
const selectMACUsers = `SELECT id FROM ports WHERE network_id = ? AND mac_address = ? COLLATE NOCASE`

// checkMAC refuses an address that another port of the network has.
func checkMAC(tx *store.Tx, networkID, mac, portID string) error {
	users, err := tx.Strings(selectMACUsers, networkID, mac)
	if err != nil {
		return fmt.Errorf("look for MAC address %s: %w", mac, err)
	}
	if slices.ContainsFunc(users, func(id string) bool { return id != portID }) {
		return macInUse(networkID, mac)
	}
	return nil
}

func macInUse(networkID, mac string) error {
	return neutron.NewError(neutron.Conflict, "MacAddressInUse",
		"Unable to complete operation for network %s. The mac address %s is in use.", networkID, mac)
}

func noMACLeft(networkID string) error {
	return neutron.NewError(neutron.Unavailable, "NetworkMacAddressGenerationFailure",
		"Unable to generate unique mac on network %s.", networkID)
}

const selectMAC = `SELECT count(*) FROM ports WHERE network_id = ? AND mac_address = ?`

// freeMAC returns an address that no port of the network has. The caller holds the write lock, so it stays free.
func (s *Service) freeMAC(tx *store.Tx, networkID string) (string, error) {
	for range macTries {
		mac := s.macs.next()
		var n int
		if err := tx.Get(selectMAC, []any{networkID, mac}, &n); err != nil {
			return "", fmt.Errorf("look for MAC address %s: %w", mac, err)
		}
		if n == 0 {
			return mac, nil
		}
	}
	return "", noMACLeft(networkID)
}
