package conf

import (
	"errors"
	"testing"
)

func TestLocate(t *testing.T) {
	t.Parallel()
	s := mustLoad(t, "[ml2]\npath_mtu = 9\n")
	for _, tc := range []struct{ text, want string }{
		{"ml2: [ml2] path_mtu: 9 is less than 68", "/c.conf:2: ml2: [ml2] path_mtu: 9 is less than 68"},
		{"[ml2] type_drivers: x", "[ml2] type_drivers: x"}, // by default
		{"[nosuch] option", "[nosuch] option"},
		{"x", "x"},
	} {
		err := errors.New(tc.text)
		got := s.Locate(err)
		if got.Error() != tc.want || !errors.Is(got, err) {
			t.Errorf("got %q, want %q", got, tc.want)
		}
	}
	if err := s.Locate(nil); err != nil {
		t.Errorf("nothing is located: %v", err)
	}
}
