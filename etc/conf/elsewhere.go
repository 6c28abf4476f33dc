package conf

// Elsewhere returns the value of an option of an account in another section than its own: that which auth_section names. Where
// the table has no option of that name, the last file that sets it counts, and the value is taken as it is written.
func (s *Snapshot) Elsewhere(section string, o TextOption) (string, Origin) {
	for _, own := range o.o.names() {
		name := Name{Group: normalGroup(section), Key: own.Key}
		if found, ok := s.table.find(name); ok {
			text, _ := s.values[found].value.(string)
			return text, s.values[found].origin
		}
		var at Origin
		var text string
		for _, f := range s.layers() {
			for _, a := range f.assignments {
				if normalGroup(a.section) == name.Group && a.key == name.Key {
					text, at = a.value, Origin{Kind: FromFile, File: f.name, Line: a.line}
				}
			}
		}
		if at.Kind == FromFile {
			return text, at
		}
	}
	return "", Origin{}
}
