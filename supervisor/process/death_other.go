//go:build !linux

package process

import (
	"errors"
	"syscall"
)

// deathSignal is a feature of Linux.
func deathSignal(sig syscall.Signal) (*syscall.SysProcAttr, error) {
	if sig != 0 {
		return nil, errors.New("DeathSignal needs Linux")
	}
	return &syscall.SysProcAttr{}, nil
}
