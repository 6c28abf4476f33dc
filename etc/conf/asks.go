package conf

// Asks reports whether a command line turns a boolean option on, in whichever spelling. It is for what has to be known before
// anything is read. A command line that is wrong, or that asks for help, turns nothing on: Load says more about it.
func Asks(args []string, o BoolOption) bool {
	tokens, err := scanArgs(switches(declared().options), args)
	if err != nil {
		return false
	}
	asked := false
	for _, t := range tokens {
		switch {
		case t.act == showHelp || t.act == showVersion:
			return false
		case t.opt == o.o:
			asked = t.act == storeTrue
		}
	}
	return asked
}
