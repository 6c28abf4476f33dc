//go:build !race

package otp_test

// raceEnabled says that times mean nothing.
const raceEnabled = false
