package supervisor

import "io"

// MainWith is Main of a program that changes the options of its server, in every process of it: faults are injected into real
// processes through them.
func MainWith(args []string, stdout, stderr io.Writer, change func(*Options)) int {
	return run(args, stdout, stderr, change)
}
