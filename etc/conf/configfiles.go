package conf

import "strings"

// configFiles is what oslo's option config_file says: the files that the command line names, or the default ones. A file, or the
// environment, may say something else, which changes the value, and where other files are searched, not what is read.
func (r *resolver) configFiles() (setting, error) {
	o := ConfigFile.o
	s, ok := r.given(o)
	switch {
	case !ok || s.origin.Kind == FromCommandLine:
		return r.listed(s, r.files)
	default:
		err := r.convertText(o, &s)
		return s, err
	}
}

// listed is a list that is no text, as the command line makes it.
func (r *resolver) listed(s setting, items []string) (setting, error) {
	texts := make([]string, len(items))
	for i, item := range items {
		put, err := r.substitute("DEFAULT", item)
		if err != nil {
			return s, err
		}
		texts[i] = put.text
		s.secret = s.secret || put.secret
	}
	s.value = texts
	return s, nil
}

// convertText is convert for an option that is any text.
func (r *resolver) convertText(o *Option, s *setting) error {
	put, err := r.substitute(o.Group, s.raw[0])
	s.value, s.secret = put.text, put.secret
	return err
}

// besideFiles are the files that config_file names, whose directories are searched. Where it is a text, oslo takes each of its
// letters for a file.
func besideFiles(configFile any) []string {
	switch value := configFile.(type) {
	case []string:
		return value
	case string:
		return strings.Split(value, "")
	default:
		return nil
	}
}

// forbidsMore reports the place where a file has set config_file, if one has: behind it oslo fails at --config-file.
func (l *loader) forbidsMore() (Origin, bool) {
	for _, layer := range l.layers {
		if at := layer.byID[ConfigFile.o.Place()]; len(at) > 0 {
			return Origin{Kind: FromFile, File: layer.file.name, Line: at[len(at)-1].line}, true
		}
	}
	return Origin{}, false
}
