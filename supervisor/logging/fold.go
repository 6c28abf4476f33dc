package logging

// Most of what the records of Lines say is the same in all of them: process, level, name of the logger. folded formats have that
// printed already, once for each logger and configuration.
type folded struct{ context, plain template }

// fold makes the folded formats of a logger's INFO records without any field but those of a request.
func (f *formatter) fold(name string) folded {
	r := record{level: info, logger: name}
	r.reset()
	plain := f.foldTemplate(&f.plain, &r)
	r.slots[slotRequestID] = 0 // one that is in a request, and is not looked at for more
	r.src, r.entries = []byte("r"), []entry{{value: span{hi: 1, kind: literal}, slot: slotRequestID}}
	return folded{context: f.foldTemplate(&f.context, &r), plain: plain}
}

func (f *formatter) foldTemplate(t *template, r *record) template {
	out := template{color: t.color}
	f.foldInto(&out, t, r)
	return out
}

func (f *formatter) foldInto(out, t *template, r *record) {
	for i := range t.segments {
		s := &t.segments[i]
		switch {
		case s.field == userIdentity && s.verb != 0 && s.width == 0 && s.prec < 0 && r.inRequest():
			f.foldInto(out, &f.identity, r)
		case s.verb == 0 || s.isFixed() || s.field == userIdentity && !r.inRequest():
			out.addLiteral(string(f.appendTemplate(nil, &template{segments: []segment{*s}}, r)))
		default:
			out.segments = append(out.segments, *s)
		}
	}
}

// isFixed reports whether all records of Lines print the same here.
func (s *segment) isFixed() bool {
	switch s.field {
	case process, processName, version, thread, threadName, levelname, levelno, loggerName, instance, errorSummary, color, colorReset,
		unknown, nothing:
		return true
	}
	return false
}

// appendFolded prints a record of Lines as appendRecord does.
func (f *formatter) appendFolded(dst []byte, formats *folded, r *record) []byte {
	t := &formats.plain
	if r.inRequest() {
		t = &formats.context
	}
	dst = f.appendTemplate(dst, t, r)
	if f.color {
		dst = append(dst, resetColor...)
	}
	return append(dst, '\n')
}
