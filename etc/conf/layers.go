package conf

import (
	"slices"
	"strings"
)

// layer is one configuration file, or one switch of the command line. Later layers win over earlier ones.
type layer struct {
	file file             // of a configuration file
	byID map[Name][]setAt // of a configuration file
	opt  *Option          // of a switch
	text string           // of a switch
}

// setAt is one value given to a name in a file.
type setAt struct {
	text string
	line int
}

// given returns what the layers say about an option. The command line wins over the environment variable
// OS_<GROUP>__<OPTION>, which wins over files; a switch and a file are weighed by their place on the command line. Where a
// file sets the option, too, the variable wins over both: oslo's way, which nobody expects, and so it draws a warning.
func (r *resolver) given(o *Option) (setting, bool) {
	s, ok := r.fromLayers(o)
	switched := ok && s.origin.Kind == FromCommandLine
	if switched && !r.inAFile(o) {
		return s, true
	}
	variable := strings.ToUpper("OS_" + o.Group + "__" + o.lookedUpAs())
	if text, set := r.src.LookupEnv(variable); set {
		at := Origin{Kind: FromEnvironment, Variable: variable}
		if switched {
			r.warn(at, "%s wins over the command line, because a file sets option %q, too", variable, o.Key())
		}
		if o.Multi {
			r.warn(at, "%s gives option %q one value for each character, for that is oslo.config's way", variable, o.Key())
		}
		return setting{raw: []string{text}, origin: at}, true
	}
	return s, ok
}

func (r *resolver) inAFile(o *Option) bool {
	return slices.ContainsFunc(r.layers, func(l layer) bool {
		return slices.ContainsFunc(o.names(), func(n Name) bool { return len(l.byID[n]) > 0 })
	})
}

// fromLayers goes from the strongest layer to the weakest. The first that has a value decides, but a multi-valued option
// collects from all: what a stronger layer says stands behind what weaker ones say.
func (r *resolver) fromLayers(o *Option) (setting, bool) {
	var s setting
	for _, l := range slices.Backward(r.layers) {
		found := l.opt != nil && l.opt == o.itself()
		if found {
			s.putInFront([]string{l.text}, []Origin{{Kind: FromCommandLine}})
		} else {
			found = r.fromFile(o, l, &s)
		}
		if found && !o.Multi {
			break
		}
	}
	if o.Flags != nil {
		r.warnFormerEverywhere(o)
	}
	return s, s.raw != nil
}

// putInFront adds what a weaker layer says. The place of the setting is that of its last text.
func (s *setting) putInFront(texts []string, places []Origin) {
	if s.raw == nil {
		s.origin = places[len(places)-1]
	}
	s.raw = append(texts, s.raw...)
	s.places = append(places, s.places...)
}

// fromFile looks a layer up under the current name first, then under the former ones.
func (r *resolver) fromFile(o *Option, l layer, s *setting) bool {
	found := false
	for _, name := range o.names() {
		values := l.byID[name]
		if len(values) == 0 {
			continue
		}
		last := values[len(values)-1]
		at := Origin{Kind: FromFile, File: l.file.name, Line: last.line}
		r.warnFormer(o, name, at)
		if !o.Multi {
			s.putInFront([]string{last.text}, []Origin{at})
			return true
		}
		texts, places := make([]string, len(values)), make([]Origin, len(values))
		for i, v := range values {
			texts[i], places[i] = v.text, Origin{Kind: FromFile, File: l.file.name, Line: v.line}
		}
		s.putInFront(texts, places)
		found = true
	}
	return found
}

// warnFormerEverywhere finds former names in files whose value something stronger overrides. oslo applies the options of
// the command line file by file, and so warns of each; of other options it sees only what it uses.
func (r *resolver) warnFormerEverywhere(o *Option) {
	for _, l := range r.layers {
		var unused setting
		r.fromFile(o, l, &unused)
	}
}

func (r *resolver) warnFormer(o *Option, name Name, at Origin) {
	if name == o.Place() || r.told[name] {
		return
	}
	r.told[name] = true
	r.warn(at, "Option %q from group %q is deprecated. Use option %q from group %q.", name.Key, name.Group, o.Name, o.Group)
}
