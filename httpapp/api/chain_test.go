package api

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The chain is Pecan's hooks by priority, but for the outermost one of its way back, and what is not built is seen to
// be absent.
func TestTheChainIsThatOfPecansHooks(t *testing.T) {
	t.Parallel()
	type step struct {
		Name     string
		Priority int
		Built    bool
	}
	var got []step
	for _, h := range chain {
		got = append(got, step{h.name, h.priority, h.run != nil || h.failed != nil})
	}
	want := []step{
		{"ContextHook", 95, true},
		{"ExceptionTranslationHook", 100, true},
		{"BodyValidationHook", 120, true},
		{"OwnershipValidationHook", 125, true},
		{"QuotaEnforcementHook", 130, true},
		{"NotifierHook", 135, false},
		{"QueryParametersHook", 139, true},
		{"PolicyHook", 140, true},
		{"UserFilterHook", 90, true},
		{"controller", 0, true},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}
