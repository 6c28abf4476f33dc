package process

import "syscall"

// deathSignal makes the kernel signal the process when the thread that started it ends; see proc.live for why that is no
// earlier than the end of the parent.
func deathSignal(sig syscall.Signal) (*syscall.SysProcAttr, error) {
	return &syscall.SysProcAttr{Pdeathsig: sig}, nil
}
