// Package supervisor boots the server: it reads the configuration, opens the log, starts the tree of the one table in
// table.go, waits for the end and stops everything in order. It is what the commands and the test harness call.
//
// It promises that Boot either returns a running server or leaves nothing behind (no socket, no goroutine, no half-made
// database), that two servers in one process do not know of each other, and that Stop names what did not stop in time.
//
// The same program is also each worker process (child.go, told what to do by orders.go) and its own successor (upgrade.go):
// run in main.go tells them apart. isolation.go is the parent's side of worker processes.
package supervisor
