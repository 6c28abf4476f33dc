package supervisor

import (
	"testing"

	"github.com/seed-a8f20362/hadron/httpapp/policy"
)

func TestAPolicyFileIsDueWhenTwoLooksFindTheSame(t *testing.T) {
	t.Parallel()
	file := func(text string) []policy.File { return []policy.File{{Path: "/p", Data: []byte(text)}} }
	var none []policy.File
	var l policyLook
	for n, step := range []struct {
		inForce, found []policy.File
		want           bool
	}{
		{none, none, false},
		{none, file("half"), false},
		{none, file("whole"), false}, // being written
		{none, file("whole"), true},
		{none, file("whole"), false}, // refused: tried once
		{none, file("right"), false},
		{none, file("right"), true},
		{file("right"), file("right"), false}, // in force
		{file("right"), none, false},
		{file("right"), none, true}, // gone
		{file("right"), none, false},
		{none, none, false},
		{none, file("whole"), false}, // what was refused long ago is tried again
		{none, file("whole"), true},
	} {
		if got := l.due(step.inForce, step.found); got != step.want {
			t.Errorf("step %d: got %t, want %t", n, got, step.want)
		}
	}
}
