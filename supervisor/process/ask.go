package process

import (
	"context"
	"fmt"

	"github.com/seed-a8f20362/hadron/supervisor/otp"
)

// Ask returns the state of the Child at path; otp.ErrNotRunning while it has no process.
func Ask(ctx context.Context, root *otp.Root, path string) (Info, error) {
	reply := make(chan Info, 1)
	info, err := otp.Request(ctx, root, path, Query{Reply: reply}, reply)
	if err != nil {
		return Info{}, fmt.Errorf("ask %s: %w", path, err)
	}
	return info, nil
}
